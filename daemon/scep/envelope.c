/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scep/envelope.h"
#include "daemon/scep/parts.h"
#include "daemon/x509/name.h"
#include <string.h>

struct enveloped {
	struct der_item version, recipients, content;
};

struct key_transport {
	struct der_item version, recipient, algorithm, encrypted_key;
};

struct encrypted {
	struct der_item type, algorithm, content;
};

/* Neither originatorInfo nor unprotectedAttrs: key transport to certificates has no use for them.
 */
static const struct der_field enveloped_data[] = {
	DER_FIELD(struct enveloped, version, DER_INTEGER),
	DER_FIELD(struct enveloped, recipients, DER_SET),
	DER_FIELD(struct enveloped, content, DER_SEQUENCE),
};

static const struct der_field key_trans_recipient_info[] = {
	DER_FIELD(struct key_transport, version, DER_INTEGER),
	DER_FIELD(struct key_transport, recipient, DER_ANY),
	DER_FIELD(struct key_transport, algorithm, DER_SEQUENCE),
	DER_FIELD(struct key_transport, encrypted_key, DER_OCTET_STRING),
};

static const struct der_field encrypted_content_info[] = {
	DER_FIELD(struct encrypted, type, DER_OID),
	DER_FIELD(struct encrypted, algorithm, DER_SEQUENCE),
	DER_FIELD(struct encrypted, content, DER_ANY),
};

static bool version_is_at_most(const struct der_item *item, uint64_t most)
{
	uint64_t version;

	return der_read_unsigned(item, &version) == 0 && version <= most;
}

/* One KeyTransRecipientInfo. One that goes by key identifier isn't noted, as it can't be ours: our
 * certificates are named by issuer and serial (RFC 8894 §3.2.2). */
static enum scep_trouble key_transport_read(const struct der_item *item, struct scep_envelope *into)
{
	struct scep_recipient recipient = {0};
	struct scep_algorithm algorithm;
	struct key_transport info;

	if (der_match(item->content, key_trans_recipient_info, ELEMENTS(key_trans_recipient_info),
		      &info) < 0 ||
	    !version_is_at_most(&info.version, 2) ||
	    scep_algorithm_read(&info.algorithm, &algorithm) < 0)
		return SCEP_TROUBLE_STRUCTURE;
	if (info.recipient.tag == DER_CONTEXT(0))
		return SCEP_TROUBLE_NONE;
	if (info.recipient.tag != DER_SEQUENCE ||
	    scep_issuer_and_serial_read(info.recipient.content, &recipient.issuer,
					&recipient.serial) < 0)
		return SCEP_TROUBLE_STRUCTURE;
	recipient.encrypted_key = info.encrypted_key.content;
	recipient.rsa_pkcs1 =
		algorithm.oid == OID_RSA_ENCRYPTION && scep_algorithm_is_plain(&algorithm);
	into->recipients[into->n_recipients++] = recipient;
	return SCEP_TROUBLE_NONE;
}

static enum scep_trouble recipients_read(struct span set, struct scep_envelope *into)
{
	enum scep_trouble trouble;
	struct der_item item;

	for (size_t n = 0; set.size; n++) {
		if (n == SCEP_RECIPIENTS_MAX)
			return SCEP_TROUBLE_RECIPIENTS;
		if (der_next(&set, &item) != 0)
			return SCEP_TROUBLE_STRUCTURE;
		/* the other kinds, [1] to [4], are for somebody else, but they count */
		if (item.tag > DER_CONTEXT_CONSTRUCTED(0) && item.tag <= DER_CONTEXT_CONSTRUCTED(4))
			continue;
		trouble = item.tag == DER_SEQUENCE ? key_transport_read(&item, into)
						   : SCEP_TROUBLE_STRUCTURE;
		if (trouble)
			return trouble;
	}
	return into->n_recipients ? SCEP_TROUBLE_NONE : SCEP_TROUBLE_RECIPIENT;
}

static bool cipher_is_allowed(enum cipher cipher, const struct scep_allowance *allowance)
{
	const bool allowed[] = {
		[CIPHER_DES_CBC] = allowance->des, [CIPHER_DES_EDE3_CBC] = allowance->des_ede3,
		[CIPHER_AES128_CBC] = true,	   [CIPHER_AES192_CBC] = true,
		[CIPHER_AES256_CBC] = true,
	};

	return cipher < ELEMENTS(allowed) && allowed[cipher];
}

static enum scep_trouble cipher_read(const struct der_item *item,
				     const struct scep_allowance *allowance,
				     struct scep_envelope *into)
{
	struct scep_algorithm algorithm;

	if (scep_algorithm_read(item, &algorithm) < 0)
		return SCEP_TROUBLE_STRUCTURE;
	into->cipher = cipher_find_oid(algorithm.oid);
	if (!cipher_is_allowed(into->cipher, allowance))
		return SCEP_TROUBLE_CIPHER;
	into->iv = algorithm.parameters.content;
	if (algorithm.parameters.tag != DER_OCTET_STRING ||
	    into->iv.size != cipher_block_size(into->cipher))
		return SCEP_TROUBLE_STRUCTURE;
	return SCEP_TROUBLE_NONE;
}

/* Moves the segments of a constructed [0] together, to where the first one's contents begin. */
static enum scep_trouble segments_join(struct bytes within, struct span segments, struct span *ret)
{
	uint8_t *joined = within.data + (segments.data - within.data);
	struct der_item segment;
	size_t size = 0;

	while (segments.size) {
		if (der_next(&segments, &segment) != 0 || segment.tag != DER_OCTET_STRING)
			return SCEP_TROUBLE_STRUCTURE;
		memmove(joined + size, segment.content.data, segment.content.size);
		size += segment.content.size;
	}
	*ret = SPAN(joined, size);
	return SCEP_TROUBLE_NONE;
}

static enum scep_trouble ciphertext_read(struct bytes within, const struct der_item *item,
					 struct span *ret)
{
	if (item->tag == DER_CONTEXT_CONSTRUCTED(0))
		return segments_join(within, item->content, ret);
	if (item->tag != DER_CONTEXT(0))
		return SCEP_TROUBLE_STRUCTURE;
	*ret = item->content;
	return SCEP_TROUBLE_NONE;
}

static enum scep_trouble content_read(struct bytes within, const struct der_item *item,
				      const struct scep_allowance *allowance,
				      struct scep_envelope *into)
{
	enum scep_trouble trouble;
	struct encrypted info;

	if (der_match(item->content, encrypted_content_info, ELEMENTS(encrypted_content_info),
		      &info) < 0 ||
	    oid_find(info.type.content) != OID_CMS_DATA)
		return SCEP_TROUBLE_STRUCTURE;
	trouble = cipher_read(&info.algorithm, allowance, into);
	return trouble ? trouble : ciphertext_read(within, &info.content, &into->encrypted_content);
}

enum scep_trouble scep_envelope_read(struct bytes envelope, const struct scep_allowance *allowance,
				     struct scep_envelope *into)
{
	enum scep_trouble trouble;
	struct enveloped data;
	struct der_item item;
	struct span content;
	enum oid type;

	if (der_only(span_of(envelope), DER_SEQUENCE, &item) < 0 ||
	    scep_content_info_read(item.content, &type, &content) < 0)
		return SCEP_TROUBLE_STRUCTURE;
	if (type == OID_CMS_AUTH_ENVELOPED_DATA)
		return SCEP_TROUBLE_AUTH_ENVELOPED;
	if (type != OID_CMS_ENVELOPED_DATA || der_only(content, DER_SEQUENCE, &item) < 0 ||
	    der_match(item.content, enveloped_data, ELEMENTS(enveloped_data), &data) < 0 ||
	    !version_is_at_most(&data.version, 4))
		return SCEP_TROUBLE_STRUCTURE;
	trouble = recipients_read(data.recipients.content, into);
	return trouble ? trouble : content_read(envelope, &data.content, allowance, into);
}

/* Some write a Name anew. */
static bool names(const struct scep_recipient *recipient, const struct x509_certificate *ours)
{
	return span_equal(recipient->serial, ours->serial) &&
	       (span_equal(recipient->issuer, ours->issuer) ||
		x509_name_equal(recipient->issuer, ours->issuer));
}

const struct scep_recipient *scep_envelope_find_recipient(const struct scep_recipient *recipients,
							  size_t n,
							  const struct x509_certificate *ours)
{
	const struct scep_recipient *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!names(&recipients[i], ours))
			continue;
		if (found)
			return NULL;
		found = &recipients[i];
	}
	return found;
}

static void put_recipient(struct der_writer *w, const struct x509_certificate *certificate,
			  struct span encrypted_key)
{
	der_begin(w, DER_SET);
	der_begin(w, DER_SEQUENCE);
	der_put_unsigned(w, 0);
	scep_put_issuer_and_serial(w, certificate->issuer, certificate->serial);
	der_put_algorithm(w, OID_RSA_ENCRYPTION, true);
	der_put(w, DER_OCTET_STRING, encrypted_key);
	der_end(w);
	der_end(w);
}

static void put_encrypted(struct der_writer *w, const struct scep_envelope_parts *from,
			  struct span ciphertext)
{
	der_begin(w, DER_SEQUENCE);
	der_put_oid(w, OID_CMS_DATA);
	der_begin(w, DER_SEQUENCE);
	der_put_oid(w, cipher_oid(from->cipher));
	der_put(w, DER_OCTET_STRING, from->iv);
	der_end(w);
	der_put(w, DER_CONTEXT(0), ciphertext);
	der_end(w);
}

int scep_envelope_write(const struct scep_envelope_parts *from, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes encrypted_key = {0};
	_cleanup_(bytes_done) struct bytes ciphertext = {0};
	struct der_writer w = {0};
	int r;

	r = rsa_public_encrypt(from->recipient_key, from->content_key, &encrypted_key);
	if (r < 0)
		return r;
	r = cipher_encrypt(from->cipher, from->content_key, from->iv, from->content, &ciphertext);
	if (r < 0)
		return r;
	scep_begin_content_info(&w, OID_CMS_ENVELOPED_DATA);
	der_begin(&w, DER_SEQUENCE);
	der_put_unsigned(&w, 0);
	put_recipient(&w, from->recipient, span_of(encrypted_key));
	put_encrypted(&w, from, span_of(ciphertext));
	der_end(&w);
	scep_end_content_info(&w);
	return der_finish(&w, ret);
}
