/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Our reader held against OpenSSL's: a message that we accept OpenSSL's CMS must accept and read
 * alike, down to what is in the envelope; an answer that we write to it OpenSSL must read. A
 * difference aborts. What we refuse OpenSSL may accept: ours is the stricter one.
 */

#include "daemon/x509/name.h"
#include "tests/unit/daemon/scep/surgery.h"
#include "tests/unit/daemon/scep/world.h"
#include <stdio.h>

enum judgement {
	JUDGED_REFUSED,
	JUDGED_ACCEPTED, /* and read alike */
	/* accepted, with a recipient of a kind that we pass over and OpenSSL can't read */
	JUDGED_EXEMPT,
};

/* The message that is being judged: printed where there is a difference. */
static struct span judged;

static inline void judge_abort(int line, const char *condition)
{
	fprintf(stderr, "differential.h:%d: not so: %s\n", line, condition);
	for (size_t i = 0; i < judged.size; i++)
		fprintf(stderr, "%02x", judged.data[i]);
	fprintf(stderr, "\n");
	abort();
}

#define MUST(condition) ((condition) ? (void)0 : judge_abort(__LINE__, #condition))

static inline CMS_ContentInfo *judge_cms(struct span der)
{
	const uint8_t *next = der.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &next, (long)der.size);

	if (cms && next != der.data + der.size) {
		CMS_ContentInfo_free(cms);
		cms = NULL;
	}
	ERR_clear_error();
	return cms;
}

static inline bool same_name(struct span ours, const X509_NAME *theirs)
{
	const uint8_t *next = ours.data;
	X509_NAME *name = d2i_X509_NAME(NULL, &next, (long)ours.size);
	bool same = name && next == ours.data + ours.size && X509_NAME_cmp(name, theirs) == 0;

	X509_NAME_free(name);
	return same;
}

static inline bool same_number(struct span ours, const BIGNUM *theirs)
{
	BIGNUM *number = BN_bin2bn(ours.data, (int)ours.size, NULL);
	bool same = BN_cmp(number, theirs) == 0;

	BN_free(number);
	return same;
}

static inline bool same_integer(struct span ours, const ASN1_INTEGER *theirs)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(theirs, NULL);
	bool same = number && same_number(ours, number);

	BN_free(number);
	return same;
}

static inline bool same_octets(struct span ours, const ASN1_STRING *theirs)
{
	return theirs && (size_t)ASN1_STRING_length(theirs) == ours.size &&
	       memcmp(ASN1_STRING_get0_data(theirs), ours.data, ours.size) == 0;
}

static inline bool same_key(const struct x509_key *ours, EVP_PKEY *theirs)
{
	BIGNUM *n = NULL, *e = NULL;
	bool same = theirs && EVP_PKEY_get_bn_param(theirs, "n", &n) == 1 &&
		    EVP_PKEY_get_bn_param(theirs, "e", &e) == 1 && same_number(ours->modulus, n) &&
		    same_number(ours->exponent, e);

	BN_free(n);
	BN_free(e);
	return same;
}

/*
 * Where digestAlgorithms is empty, which RFC 5652 §5.1 allows and OpenSSL does not, the signer's is
 * put in for OpenSSL. Not by way of its own encoder: that would sort the signed attributes.
 */
static inline struct bytes judge_fill_digests(struct span message)
{
	struct bytes filled = {0};
	struct node *root;

	MUST(ber_to_der(message, &filled) == 0);
	root = tree_of(span_of(filled));
	if (root && at(message_signed(root), 1)->n == 0) {
		node_insert(at(message_signed(root), 1), 0, node_copy(at(message_signer(root), 2)));
		bytes_done(&filled);
		filled = tree_write(root);
	} else {
		bytes_done(&filled);
		MUST(bytes_copy(message, &filled) == 0);
	}
	node_free(root);
	return filled;
}

static inline void judge_attribute(CMS_SignerInfo *signer, const char *oid, int tag,
				   struct span ours)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);

	/* -3: exactly one such attribute, with exactly one value */
	MUST(same_octets(ours, CMS_signed_get0_data_by_OBJ(signer, object, -3, tag)));
	ASN1_OBJECT_free(object);
}

static inline void judge_signer(const struct scep_request *request, CMS_ContentInfo *cms)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	char type[16];
	X509_ALGOR *digest;
	X509 *certificate;
	EVP_PKEY *key;
	const ASN1_OBJECT *oid;
	CMS_SignerInfo *signer;

	MUST(sk_CMS_SignerInfo_num(signers) == 1);
	signer = sk_CMS_SignerInfo_value(signers, 0);
	CMS_SignerInfo_get0_algs(signer, &key, &certificate, &digest, NULL);
	MUST(certificate && same_key(&request->signer.key, key));
	MUST(same_integer(request->signer.serial, X509_get0_serialNumber(certificate)));
	MUST(same_name(request->signer.issuer, X509_get_issuer_name(certificate)));
	MUST(same_name(request->signer.subject, X509_get_subject_name(certificate)));
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	MUST(EVP_MD_is_a(EVP_get_digestbyobj(oid), digest_name(request->digest)));
	snprintf(type, sizeof(type), "%d", (int)request->type);
	judge_attribute(signer, OID_TEXT_MESSAGE_TYPE, V_ASN1_PRINTABLESTRING, span_of_text(type));
	judge_attribute(signer, OID_TEXT_TRANSACTION_ID, request->transaction_id_tag,
			request->transaction_id);
	judge_attribute(signer, OID_TEXT_SENDER_NONCE, V_ASN1_OCTET_STRING, request->sender_nonce);
}

/* Those that OpenSSL finds named by issuer and serial are ours, in order. */
static inline void judge_recipients(const struct scep_request *request, CMS_ContentInfo *envelope)
{
	STACK_OF(CMS_RecipientInfo) *infos = CMS_get0_RecipientInfos(envelope);
	size_t n = 0;

	for (int i = 0; i < sk_CMS_RecipientInfo_num(infos); i++) {
		CMS_RecipientInfo *info = sk_CMS_RecipientInfo_value(infos, i);
		ASN1_INTEGER *serial = NULL;
		X509_NAME *issuer = NULL;

		if (CMS_RecipientInfo_type(info) != CMS_RECIPINFO_TRANS)
			continue;
		MUST(CMS_RecipientInfo_ktri_get0_signer_id(info, NULL, &issuer, &serial) == 1);
		if (!issuer)
			continue;
		MUST(n < request->n_recipients);
		MUST(same_name(request->recipients[n].issuer, issuer));
		MUST(same_integer(request->recipients[n].serial, serial));
		n++;
	}
	MUST(n == request->n_recipients);
}

static inline void judge_csr(const struct x509_request *ours, struct span plain)
{
	const uint8_t *next = plain.data;
	X509_REQ *theirs = d2i_X509_REQ(NULL, &next, (long)plain.size);
	int place;

	MUST(theirs && next == plain.data + plain.size);
	MUST(same_name(ours->subject, X509_REQ_get_subject_name(theirs)));
	if (ours->key.kind == X509_KEY_RSA && X509_REQ_get0_pubkey(theirs))
		MUST(same_key(&ours->key, X509_REQ_get0_pubkey(theirs)));
	place = X509_REQ_get_attr_by_NID(theirs, NID_pkcs9_challengePassword, -1);
	if (ours->has_challenge) {
		X509_ATTRIBUTE *attribute = X509_REQ_get_attr(theirs, place);
		ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);

		MUST(value && same_octets(ours->challenge, value->value.asn1_string));
	}
	X509_REQ_free(theirs);
}

static inline void judge_names(const struct scep_content *ours, struct span plain)
{
	struct span rest = span_slice(plain,
				      plain.data[1] < 0x80    ? 2
				      : plain.data[1] == 0x81 ? 3
							      : 4,
				      SIZE_MAX);
	const uint8_t *next = rest.data;
	X509_NAME *issuer = d2i_X509_NAME(NULL, &next, (long)rest.size);
	X509_NAME *subject = d2i_X509_NAME(NULL, &next, (long)(plain.data + plain.size - next));

	MUST(issuer && subject && next == plain.data + plain.size);
	MUST(same_name(ours->issuer, issuer) && same_name(ours->subject, subject));
	X509_NAME_free(issuer);
	X509_NAME_free(subject);
}

static inline void judge_serial(const struct scep_content *ours, struct span plain)
{
	const uint8_t *next = plain.data;
	PKCS7_ISSUER_AND_SERIAL *theirs =
		d2i_PKCS7_ISSUER_AND_SERIAL(NULL, &next, (long)plain.size);

	MUST(theirs && next == plain.data + plain.size);
	MUST(same_name(ours->issuer, theirs->issuer));
	MUST(same_integer(ours->serial, theirs->serial));
	PKCS7_ISSUER_AND_SERIAL_free(theirs);
}

static inline void judge_content(const struct scep_request *request,
				 const struct scep_content *content, CMS_ContentInfo *envelope)
{
	BIO *out = BIO_new(BIO_s_mem());
	struct bytes plain;

	MUST(CMS_decrypt(envelope, world.authority.key, world.authority.certificate, NULL, out,
			 CMS_BINARY) == 1);
	plain = bytes_of_bio(out);
	MUST(span_equal(span_of(plain), span_of(content->storage)));
	if (request->type == SCEP_PKCS_REQ || request->type == SCEP_RENEWAL_REQ)
		judge_csr(&content->request, span_of(plain));
	else if (request->type == SCEP_CERT_POLL)
		judge_names(content, span_of(plain));
	else
		judge_serial(content, span_of(plain));
	bytes_done(&plain);
}

static inline void judge_decryption(const struct scep_request *request, CMS_ContentInfo *envelope)
{
	const struct scep_recipient *ours = scep_request_find_recipient(request, &world.ours);
	struct scep_content content = {0};
	enum scep_trouble trouble;
	struct bytes key;

	/* equal by RFC 5280 §7.1 is more than OpenSSL takes for equal: a NumericString, for one */
	if (!ours || !ours->rsa_pkcs1 || !span_equal(ours->issuer, world.ours.issuer))
		return;
	key = unwrap(world.authority.key, ours->encrypted_key);
	MUST(scep_request_read_content(request, span_of(key), &content, &trouble) == 0);
	if (trouble == SCEP_TROUBLE_NONE)
		judge_content(request, &content, envelope);
	bytes_done(&key);
	scep_content_done(&content);
}

/* Whether a recipient is of a kind that is passed over unread. */
static inline bool has_other_recipients(const struct scep_request *request)
{
	struct node *envelope = tree_of(span_of(request->envelope_storage));
	const struct node *recipients = at(at(at(envelope, 1), 0), 1);
	bool other = !envelope;

	for (size_t i = 0; recipients && i < recipients->n; i++)
		other = other || recipients->children[i]->tag != 0x30;
	node_free(envelope);
	return other;
}

static inline enum judgement judge_envelope(const struct scep_request *request, struct span content)
{
	CMS_ContentInfo *envelope = judge_cms(content);

	if (!envelope) {
		MUST(has_other_recipients(request));
		return JUDGED_EXEMPT;
	}
	MUST(OBJ_obj2nid(CMS_get0_type(envelope)) == NID_pkcs7_enveloped);
	MUST(same_octets(request->encrypted_content, *CMS_get0_content(envelope)));
	judge_recipients(request, envelope);
	judge_decryption(request, envelope);
	CMS_ContentInfo_free(envelope);
	return JUDGED_ACCEPTED;
}

/* An answer to what could be read at all must be one that OpenSSL reads. */
static inline void judge_answer(const struct scep_request *request, enum scep_trouble trouble)
{
	static const uint8_t octets[32];
	const struct span certificates[] = {span_of(world.authority_der)};
	bool granted = trouble == SCEP_TROUBLE_NONE && scep_request_can_be_answered(request);
	struct scep_answer answer = {
		.status = granted ? SCEP_SUCCESS : SCEP_FAILURE,
		.fail_info = granted ? SCEP_BAD_ALG : SCEP_BAD_REQUEST,
		.fail_text = scep_trouble_text(trouble),
		.request = request,
		.sender_nonce = SPAN(octets, 16),
		.signer = span_of(world.authority_der),
		.signer_issuer = world.ours.issuer,
		.signer_serial = world.ours.serial,
		.certificates = certificates,
		.n_certificates = 1,
		.content_key = SPAN(octets, cipher_key_size(scep_answer_cipher(request))),
		.iv = SPAN(octets, cipher_block_size(scep_answer_cipher(request))),
	};
	struct scep_draft draft = {0};
	struct bytes message = {0};
	CMS_ContentInfo *cms;
	int r = scep_answer_build(&answer, &draft);

	if (r == -EKEYREJECTED && granted)
		return;
	MUST(r == 0);
	MUST(scep_answer_seal(&draft, SPAN(octets, 32), &message) == 0);
	cms = judge_cms(span_of(message));
	MUST(cms);
	judge_attribute(sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0),
			OID_TEXT_TRANSACTION_ID, request->transaction_id_tag,
			request->transaction_id);
	judge_attribute(sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0),
			OID_TEXT_RECIPIENT_NONCE, V_ASN1_OCTET_STRING, request->sender_nonce);
	CMS_ContentInfo_free(cms);
	bytes_done(&message);
	scep_draft_done(&draft);
}

static inline enum judgement judge_accepted(struct span message, const struct scep_request *request)
{
	struct bytes filled = judge_fill_digests(message);
	CMS_ContentInfo *cms = judge_cms(span_of(filled));
	BIO *out = BIO_new(BIO_s_mem());
	enum judgement judgement;
	struct bytes content;

	MUST(cms);
	MUST(CMS_verify(cms, NULL, NULL, NULL, out, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1);
	content = bytes_of_bio(out);
	judge_signer(request, cms);
	judgement = judge_envelope(request, span_of(content));
	bytes_done(&content);
	bytes_done(&filled);
	CMS_ContentInfo_free(cms);
	return judgement;
}

static inline enum judgement judge(struct span message)
{
	_cleanup_(scep_request_done) struct scep_request request = {0};
	enum scep_trouble trouble = SCEP_TROUBLE_NONE;
	int r;

	judged = message;
	r = scep_request_open(message, &legacy, &request, &trouble);
	MUST(r == 0 || r == SCEP_UNREADABLE);
	if (r == SCEP_UNREADABLE)
		return JUDGED_REFUSED;
	MUST(request.transaction_id.size >= 1 && request.transaction_id.size <= 128);
	MUST(request.sender_nonce.size >= 1 && request.sender_nonce.size <= 64);
	judge_answer(&request, trouble);
	return trouble ? JUDGED_REFUSED : judge_accepted(message, &request);
}
