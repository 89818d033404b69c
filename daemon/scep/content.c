/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in the envelope. All that goes wrong from here on has one answer, so that whoever sends
 * tampered ciphertext learns nothing from it (RFC 3218).
 */
#include "daemon/scep/message.h"
#include "daemon/scep/parts.h"
#include "daemon/x509/name.h"

#define CSR_SIZE_MAX 65536

typedef int (*content_reader)(struct span plain, struct scep_content *into);

static int read_csr(struct span plain, struct scep_content *into)
{
	return plain.size > CSR_SIZE_MAX ? -EBADMSG : x509_request_read(plain, &into->request);
}

struct issuer_and_subject {
	struct der_item issuer, subject;
};

/* RFC 8894 §3.3.3 */
static int read_issuer_and_subject(struct span plain, struct scep_content *into)
{
	static const struct der_field fields[] = {
		DER_FIELD(struct issuer_and_subject, issuer, DER_SEQUENCE),
		DER_FIELD(struct issuer_and_subject, subject, DER_SEQUENCE),
	};
	struct issuer_and_subject names;
	struct der_item item;

	if (der_only(plain, DER_SEQUENCE, &item) < 0 ||
	    der_match(item.content, fields, ELEMENTS(fields), &names) < 0 ||
	    !x509_name_is_valid(names.issuer.whole) || !x509_name_is_valid(names.subject.whole))
		return -EBADMSG;
	into->issuer = names.issuer.whole;
	into->subject = names.subject.whole;
	return 0;
}

/* RFC 8894 §3.3.4 */
static int read_issuer_and_serial(struct span plain, struct scep_content *into)
{
	struct der_item item;

	if (der_only(plain, DER_SEQUENCE, &item) < 0)
		return -EBADMSG;
	return scep_issuer_and_serial_read(item.content, &into->issuer, &into->serial);
}

static const struct {
	enum scep_message_type type;
	content_reader read;
} readers[] = {
	{SCEP_PKCS_REQ, read_csr},
	{SCEP_RENEWAL_REQ, read_csr},
	{SCEP_CERT_POLL, read_issuer_and_subject},
	{SCEP_GET_CERT, read_issuer_and_serial},
	{SCEP_GET_CRL, read_issuer_and_serial},
};

static content_reader reader_of(enum scep_message_type type)
{
	for (size_t i = 0; i < ELEMENTS(readers); i++)
		if (readers[i].type == type)
			return readers[i].read;
	return NULL;
}

int scep_request_read_content(const struct scep_request *request, struct span content_key,
			      struct scep_content *ret, enum scep_trouble *ret_trouble)
{
	_cleanup_(scep_content_done) struct scep_content content = {0};
	content_reader read = reader_of(request->type);
	int r;

	assert(read && request->cipher != CIPHER_NONE);
	r = cipher_decrypt(request->cipher, content_key, request->iv, request->encrypted_content,
			   &content.storage);
	if (r < 0 && r != -EBADMSG)
		return r;
	if (r < 0)
		*ret_trouble = SCEP_TROUBLE_UNDECRYPTABLE;
	else if (read(span_of(content.storage), &content) < 0)
		*ret_trouble = SCEP_TROUBLE_CONTENT;
	else
		*ret_trouble = SCEP_TROUBLE_NONE;
	*ret = TAKE_STRUCT(content);
	return 0;
}

/* It may hold a challenge password. */
void scep_content_done(struct scep_content *content)
{
	if (content->storage.data)
		wipe(content->storage.data, content->storage.size);
	bytes_done(&content->storage);
	*content = (struct scep_content){0};
}
