/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Our client's reader held against OpenSSL's: an answer that we accept OpenSSL's CMS must verify by
 * the CA's certificate and read alike, down to the certificates in the envelope. A difference
 * aborts. What nobody vouches for and we don't look at (enclosed certificates and CRLs, unsigned
 * attributes) is taken out before OpenSSL sees it, since it reads all or nothing.
 */

#include "tests/unit/daemon/scep/authority.h"
#include "tests/unit/daemon/scep/differential.h"
#include <openssl/cmserr.h>

static inline void judge_strip(struct node *root)
{
	struct node *data = message_signed(root);
	struct node *signer = message_signer(root);

	for (size_t i = 3; i < data->n;)
		if (data->children[i]->tag != 0x31)
			node_free(node_remove(data, i));
		else
			i++;
	if (signer->n > 6)
		node_free(node_remove(signer, 6));
	if (at(data, 1)->n == 0)
		node_insert(at(data, 1), 0, node_copy(at(signer, 2)));
}

/* NULL where it is none to OpenSSL, or has more members than a tree here holds. */
static inline CMS_ContentInfo *judge_stripped(struct span message)
{
	struct bytes der = {0}, stripped;
	CMS_ContentInfo *cms;
	struct node *root;

	MUST(ber_to_der(message, &der) == 0);
	root = tree_of(span_of(der));
	bytes_done(&der);
	if (!root)
		return NULL;
	judge_strip(root);
	stripped = tree_write(root);
	node_free(root);
	cms = judge_cms(span_of(stripped));
	bytes_done(&stripped);
	return cms;
}

/* False where OpenSSL finds fault with an attribute that means nothing to us, such as signingTime
 * with two values. */
static inline bool judge_verified(CMS_ContentInfo *cms, struct bytes *ret_content)
{
	const unsigned flags = CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN;
	ASN1_OCTET_STRING **content = CMS_get0_content(cms);
	STACK_OF(X509) *certificates = sk_X509_new_null();
	BIO *nothing = BIO_new_mem_buf("", 0);
	BIO *out = BIO_new(BIO_s_mem());
	bool verified;

	sk_X509_push(certificates, world.authority.certificate);
	verified = CMS_verify(cms, certificates, NULL, content && *content ? NULL : nothing, out,
			      flags) == 1;
	MUST(verified || ERR_GET_REASON(ERR_peek_error()) == CMS_R_ATTRIBUTE_ERROR);
	ERR_clear_error();
	sk_X509_free(certificates);
	BIO_free(nothing);
	*ret_content = bytes_of_bio(out);
	return verified;
}

/* The value of one attribute as OpenSSL has it, whatever its type. */
static inline bool judge_value_is(CMS_SignerInfo *signer, const char *oid, struct span wanted)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int place = CMS_signed_get_attr_by_OBJ(signer, object, -1);
	X509_ATTRIBUTE *attribute = place < 0 ? NULL : CMS_signed_get_attr(signer, place);
	ASN1_TYPE *value = attribute ? X509_ATTRIBUTE_get0_type(attribute, 0) : NULL;

	ASN1_OBJECT_free(object);
	return value && same_octets(wanted, value->value.asn1_string);
}

static inline void judge_words(const struct scep_reply *reply, CMS_ContentInfo *cms)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	const uint8_t status = (uint8_t)('0' + reply->status);
	CMS_SignerInfo *signer;

	MUST(sk_CMS_SignerInfo_num(signers) == 1);
	signer = sk_CMS_SignerInfo_value(signers, 0);
	MUST(judge_value_is(signer, OID_TEXT_MESSAGE_TYPE, SPAN_LITERAL("3")));
	MUST(judge_value_is(signer, OID_TEXT_TRANSACTION_ID, SPAN_LITERAL(OUR_TRANSACTION)));
	MUST(judge_value_is(signer, OID_TEXT_RECIPIENT_NONCE, SPAN_LITERAL(OUR_NONCE)));
	MUST(judge_value_is(signer, OID_TEXT_PKI_STATUS, SPAN(&status, 1)));
	if (reply->status == SCEP_FAILURE) {
		const uint8_t info = (uint8_t)('0' + reply->fail_info);

		MUST(judge_value_is(signer, OID_TEXT_FAIL_INFO, SPAN(&info, 1)));
	}
}

static inline void judge_certificate(struct span ours, X509 *theirs)
{
	struct x509_certificate read;

	MUST(x509_certificate_read(ours, &read) == 0);
	MUST(same_integer(read.serial, X509_get0_serialNumber(theirs)));
	MUST(same_name(read.issuer, X509_get_issuer_name(theirs)));
	MUST(same_name(read.subject, X509_get_subject_name(theirs)));
	if (read.key.kind == X509_KEY_RSA && X509_get0_pubkey(theirs))
		MUST(same_key(&read.key, X509_get0_pubkey(theirs)));
}

/* OpenSSL finds these certificates too, in this order, where it passes over none either: it reads
 * all or nothing. */
static inline void judge_degenerate(const struct scep_ca_answer *ours, struct span plain)
{
	CMS_ContentInfo *cms = judge_cms(plain);
	STACK_OF(X509) *theirs = cms ? CMS_get1_certs(cms) : NULL;

	MUST(ours->n <= SCEP_CERTIFICATES_MAX);
	if (theirs && (size_t)sk_X509_num(theirs) == ours->n)
		for (size_t i = 0; i < ours->n; i++)
			judge_certificate(ours->certificates[i], sk_X509_value(theirs, (int)i));
	sk_X509_pop_free(theirs, X509_free);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
}

static inline enum judgement judge_granted(const struct scep_reply *reply, struct span content)
{
	CMS_ContentInfo *envelope = judge_cms(content);
	struct scep_ca_answer certificates = {0};
	struct bytes key, plain;
	enum scep_fault fault;
	BIO *out;
	struct span crl;

	if (!envelope)
		return JUDGED_EXEMPT;
	key = unwrap(world.client.key, reply->encrypted_key);
	MUST(scep_reply_read(reply, span_of(key), &certificates, &crl, &fault) == 0);
	bytes_done(&key);
	if (fault == SCEP_FAULT_NONE) {
		out = BIO_new(BIO_s_mem());
		MUST(CMS_decrypt(envelope, world.client.key, NULL, NULL, out, CMS_BINARY) == 1);
		plain = bytes_of_bio(out);
		judge_degenerate(&certificates, span_of(plain));
		bytes_done(&plain);
	}
	scep_ca_answer_done(&certificates);
	CMS_ContentInfo_free(envelope);
	return fault ? JUDGED_REFUSED : JUDGED_ACCEPTED;
}

static inline enum judgement judge_reply_accepted(struct span message,
						  const struct scep_reply *reply)
{
	CMS_ContentInfo *cms = judge_stripped(message);
	enum judgement judgement = JUDGED_ACCEPTED;
	struct bytes content = {0};

	if (!cms)
		return JUDGED_EXEMPT;
	if (judge_verified(cms, &content)) {
		judge_words(reply, cms);
		MUST((reply->status == SCEP_SUCCESS) == (content.size > 0));
		if (reply->status == SCEP_SUCCESS)
			judgement = judge_granted(reply, span_of(content));
	} else {
		judgement = JUDGED_EXEMPT;
	}
	bytes_done(&content);
	CMS_ContentInfo_free(cms);
	return judgement;
}

static inline enum judgement judge_reply(struct span message)
{
	struct scep_reply reply = {0};
	struct scep_expectation expected = expectation_usual();
	enum scep_fault fault = SCEP_FAULT_NONE;
	enum judgement judgement = JUDGED_REFUSED;

	judged = message;
	MUST(scep_reply_open(message, &expected, &reply, &fault) == 0);
	if (!fault)
		judgement = judge_reply_accepted(message, &reply);
	scep_reply_done(&reply);
	return judgement;
}

/* What comes for GetCACert and GetNextCACert: nothing is read that isn't there. */
static inline void judge_ca_answer(struct span body)
{
	struct scep_ca_answer answer = {0};
	int r = scep_ca_answer_read(body, &answer);

	judged = body;
	MUST(r == 0 || r == -EBADMSG);
	MUST(r < 0 || (answer.n >= 1 && answer.n <= SCEP_CERTIFICATES_MAX));
	scep_ca_answer_done(&answer);
	r = scep_next_ca_read(body, &world.ours, &answer);
	MUST(r == 0 || r == -EBADMSG || r == -EKEYREJECTED);
	MUST(r < 0 || (answer.n >= 1 && answer.n <= SCEP_CERTIFICATES_MAX));
	scep_ca_answer_done(&answer);
	(void)scep_capabilities_read(body);
}
