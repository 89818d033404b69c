/* SPDX-License-Identifier: Apache-2.0 */
/* A request (RFC 8894 §3.3): what is in the envelope by its type, the envelope, what is signed. */
#include "daemon/scep/client.h"
#include "daemon/scep/draft.h"
#include "daemon/scep/envelope.h"
#include "daemon/scep/parts.h"
#include <stdio.h>

/* IssuerAndSubject: RFC 8894 §3.3.3 */
static void put_issuer_and_subject(struct der_writer *w, const struct scep_question *from)
{
	der_begin(w, DER_SEQUENCE);
	der_put_raw(w, from->issuer);
	der_put_raw(w, from->subject);
	der_end(w);
}

/* RFC 8894 §3.3.4 */
static void put_issuer_and_serial(struct der_writer *w, const struct scep_question *from)
{
	scep_put_issuer_and_serial(w, from->issuer, from->serial);
}

static const struct {
	enum scep_message_type type;
	const char *digits;
	/* NULL: the request as it is, of which no copy is made, since it may hold a challenge */
	void (*put)(struct der_writer *w, const struct scep_question *from);
} types[] = {
	{SCEP_RENEWAL_REQ, "17", NULL},
	{SCEP_PKCS_REQ, "19", NULL},
	{SCEP_CERT_POLL, "20", put_issuer_and_subject},
	{SCEP_GET_CERT, "21", put_issuer_and_serial},
	{SCEP_GET_CRL, "22", put_issuer_and_serial},
};

static size_t row_of(enum scep_message_type type)
{
	size_t row = 0;

	while (row < ELEMENTS(types) && types[row].type != type)
		row++;
	assert(row < ELEMENTS(types));
	return row;
}

static int build_envelope(const struct scep_question *from, struct span content, struct bytes *ret)
{
	_cleanup_(rsa_public_freep) struct rsa_public *key = NULL;
	struct x509_certificate recipient;
	struct scep_envelope_parts parts = {
		.recipient = &recipient,
		.cipher = from->algorithms.cipher,
		.content_key = from->content_key,
		.iv = from->iv,
		.content = content,
	};
	int r;

	if (x509_certificate_read(from->recipient, &recipient) < 0 ||
	    recipient.key.kind != X509_KEY_RSA)
		return -EINVAL;
	assert(from->content_key.size == cipher_key_size(parts.cipher));
	assert(from->iv.size == cipher_block_size(parts.cipher));
	r = rsa_public_new(recipient.key.modulus, recipient.key.exponent, &key);
	if (r < 0)
		return r == -EKEYREJECTED ? -EINVAL : r;
	parts.recipient_key = key;
	return scep_envelope_write(&parts, ret);
}

static int build_content(const struct scep_question *from, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	struct der_writer w = {0};
	size_t row = row_of(from->type);
	int r;

	if (!types[row].put)
		return build_envelope(from, from->request, ret);
	types[row].put(&w, from);
	r = der_finish(&w, &content);
	return r < 0 ? r : build_envelope(from, span_of(content), ret);
}

static int build_attributes(const struct scep_question *from, const struct scep_draft *draft,
			    struct bytes *ret)
{
	const uint8_t printable = DER_PRINTABLE_STRING;
	const uint8_t octets = DER_OCTET_STRING;
	const struct span type = span_of_text(types[row_of(from->type)].digits);
	const struct span data = oid_content(OID_CMS_DATA);
	uint8_t digest[DIGEST_SIZE_MAX];
	size_t size = digest_compute(draft->digest, span_of(draft->content), digest);
	const struct span hash = SPAN(digest, size);
	const struct scep_attribute attributes[] = {
		{OID_CONTENT_TYPE, DER_OID, data, true},
		{OID_MESSAGE_DIGEST, octets, hash, true},
		{OID_SCEP_TRANSACTION_ID, printable, from->transaction_id, true},
		{OID_SCEP_MESSAGE_TYPE, printable, type, true},
		{OID_SCEP_SENDER_NONCE, octets, from->sender_nonce, true},
	};

	return scep_attributes_write(attributes, ELEMENTS(attributes), ret);
}

int scep_question_build(const struct scep_question *from, struct scep_draft *ret)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {.digest = from->algorithms.digest};
	struct x509_certificate signer;
	int r;

	if (x509_certificate_read(from->signer, &signer) < 0)
		return -EINVAL;
	r = build_content(from, &draft.content);
	if (r == 0)
		r = build_attributes(from, &draft, &draft.to_be_signed);
	if (r == 0)
		r = scep_draft_name_signer(
			&draft,
			&(const struct scep_signer){signer.whole, signer.issuer, signer.serial});
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(draft);
	return 0;
}

void scep_transaction_id(struct span spki, char ret[static SCEP_TRANSACTION_ID_SIZE + 1])
{
	uint8_t digest[DIGEST_SIZE_MAX];
	size_t size = digest_compute(DIGEST_MD5, spki, digest);

	for (size_t i = 0; i < size; i++)
		snprintf(ret + 2 * i, 3, "%02X", digest[i]);
}
