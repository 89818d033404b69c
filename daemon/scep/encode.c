/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CertRep (RFC 8894 §3.3.2): the signed attributes first, for the token to sign, then the whole.
 */
#include "daemon/scep/draft.h"
#include "daemon/scep/envelope.h"
#include "daemon/scep/parts.h"

enum digest scep_answer_digest(const struct scep_request *request)
{
	const struct scep_allowance *allowance = &request->allowance;
	bool old = request->digest == DIGEST_MD5 || request->digest == DIGEST_SHA1;

	if (old && allowance->sha1)
		return DIGEST_SHA1;
	return old || request->digest == DIGEST_NONE ? DIGEST_SHA256 : request->digest;
}

enum cipher scep_answer_cipher(const struct scep_request *request)
{
	const struct scep_allowance *allowance = &request->allowance;
	bool old = request->cipher == CIPHER_DES_CBC || request->cipher == CIPHER_DES_EDE3_CBC;

	if (old && allowance->des_ede3)
		return CIPHER_DES_EDE3_CBC;
	return old || request->cipher == CIPHER_NONE ? CIPHER_AES128_CBC : request->cipher;
}

/* What a SUCCESS carries, enveloped to the signer of the request. */
static int build_content(const struct scep_answer *from, struct bytes *ret)
{
	const struct scep_request *request = from->request;
	_cleanup_(bytes_done) struct bytes certificates = {0};
	struct scep_envelope_parts parts = {
		.recipient = &request->signer,
		.recipient_key = request->signer_key,
		.cipher = scep_answer_cipher(request),
		.content_key = from->content_key,
		.iv = from->iv,
	};
	int r;

	if (from->status != SCEP_SUCCESS)
		return 0;
	if (!scep_request_can_be_answered(request))
		return -EKEYREJECTED;
	assert(from->content_key.size == cipher_key_size(parts.cipher));
	assert(from->iv.size == cipher_block_size(parts.cipher));
	r = scep_certificates_only(from->certificates, from->n_certificates, from->crl,
				   &certificates);
	if (r < 0)
		return r;
	parts.content = span_of(certificates);
	r = scep_envelope_write(&parts, ret);
	return r == -EINVAL ? -EKEYREJECTED : r;
}

static int build_attributes(const struct scep_answer *from, const struct scep_draft *draft,
			    struct bytes *ret)
{
	const struct scep_request *request = from->request;
	const bool failed = from->status == SCEP_FAILURE;
	const uint8_t status[] = {(uint8_t)('0' + from->status)};
	const uint8_t info[] = {(uint8_t)('0' + from->fail_info)};
	const uint8_t printable = DER_PRINTABLE_STRING;
	const uint8_t octets = DER_OCTET_STRING;
	const uint8_t id_tag = request->transaction_id_tag;
	const struct span id = request->transaction_id;
	const struct span text = span_of_text(from->fail_text);
	const struct span data = oid_content(OID_CMS_DATA);
	const struct span nonce = request->sender_nonce;
	const struct span type = SPAN_LITERAL("3");
	uint8_t digest[DIGEST_SIZE_MAX];
	size_t size = digest_compute(draft->digest, span_of(draft->content), digest);
	const struct span hash = SPAN(digest, size);
	const struct span status_text = SPAN_ARRAY(status);
	const struct span info_text = SPAN_ARRAY(info);
	const struct scep_attribute attributes[] = {
		{OID_CONTENT_TYPE, DER_OID, data, true},
		{OID_MESSAGE_DIGEST, octets, hash, true},
		{OID_SCEP_TRANSACTION_ID, id_tag, id, true},
		{OID_SCEP_MESSAGE_TYPE, printable, type, true},
		{OID_SCEP_PKI_STATUS, printable, status_text, true},
		{OID_SCEP_SENDER_NONCE, octets, from->sender_nonce, true},
		{OID_SCEP_RECIPIENT_NONCE, octets, nonce, true},
		{OID_SCEP_FAIL_INFO, printable, info_text, failed},
		{OID_SCEP_FAIL_INFO_TEXT, DER_UTF8_STRING, text, failed && text.size},
	};

	return scep_attributes_write(attributes, ELEMENTS(attributes), ret);
}

int scep_answer_build(const struct scep_answer *from, struct scep_draft *ret)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {
		.digest = scep_answer_digest(from->request),
	};
	int r;

	r = build_content(from, &draft.content);
	if (r == 0)
		r = build_attributes(from, &draft, &draft.to_be_signed);
	if (r == 0)
		r = scep_draft_name_signer(
			&draft, &(const struct scep_signer){from->signer, from->signer_issuer,
							    from->signer_serial});
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(draft);
	return 0;
}
