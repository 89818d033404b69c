/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A CA made of OpenSSL alone, whose answers the tests of our client's side read: what is usual for
 * each test to change in one thing. world.client asked; world.authority answers.
 */

#include "daemon/scep/client.h"
#include "tests/unit/daemon/scep/surgery.h"
#include "tests/unit/daemon/scep/world.h"

#define OUR_TRANSACTION "A793AE7C3292F4099CD4CEC65FCE0682"
#define OUR_NONCE	"0123456789abcdef"

/* What an answer is made of. Of the message's parts in `plan` the type, the transaction and
 * senderNonce are those of the answer; its content is what is enveloped. */
struct certrep {
	struct plan plan;
	const char *status, *fail_info; /* NULL: without */
	struct span recipient_nonce;	/* the same */
	const char *fail_text;
	int text_tag;	      /* of all the text; 0: PrintableString */
	bool without_content; /* no eContent at all */
	struct span foreign;  /* the value of an attribute that nobody knows */
};

static struct {
	struct bytes client_der, issued, degenerate;
	struct span signers[1];
	struct x509_certificate client;
} answers;

/* Certificates and a CRL as OpenSSL's PKCS#7 carries them. */
static inline struct bytes degenerate_new(X509 *const *certificates, size_t n, X509_CRL *crl)
{
	PKCS7 *pkcs7 = PKCS7_new();
	BIO *out = BIO_new(BIO_s_mem());

	assert(PKCS7_set_type(pkcs7, NID_pkcs7_signed) == 1);
	pkcs7->d.sign->contents->type = OBJ_nid2obj(NID_pkcs7_data);
	for (size_t i = 0; i < n; i++)
		assert(PKCS7_add_certificate(pkcs7, certificates[i]) == 1);
	if (crl)
		assert(PKCS7_add_crl(pkcs7, crl) == 1);
	assert(i2d_PKCS7_bio(out, pkcs7) == 1);
	PKCS7_free(pkcs7);
	return bytes_of_bio(out);
}

static inline X509 *issued_new(void)
{
	struct certificate_plan plan = {
		.subject = "r1",
		.issuer = "RootCA",
		.key = world.client.key,
		.issuer_key = world.authority.key,
		.version = 2,
		.serial = "1234",
		.key_usage = "critical,digitalSignature,keyEncipherment",
	};

	return certificate_new(&plan);
}

static inline int answers_make(void **state)
{
	X509 *issued;

	if (world_make(state) < 0)
		return -1;
	issued = issued_new();
	answers.client_der = bytes_of_certificate(world.client.certificate);
	answers.issued = bytes_of_certificate(issued);
	answers.degenerate = degenerate_new(&issued, 1, NULL);
	answers.signers[0] = span_of(world.authority_der);
	X509_free(issued);
	return x509_certificate_read(span_of(answers.client_der), &answers.client);
}

static inline int answers_unmake(void **state)
{
	bytes_done(&answers.client_der);
	bytes_done(&answers.issued);
	bytes_done(&answers.degenerate);
	return world_unmake(state);
}

static inline struct scep_expectation expectation_usual(void)
{
	return (struct scep_expectation){
		.transaction_id = SPAN_LITERAL(OUR_TRANSACTION),
		.sender_nonce = SPAN_LITERAL(OUR_NONCE),
		.signers = answers.signers,
		.n_signers = ELEMENTS(answers.signers),
		.recipient = &answers.client,
	};
}

static inline struct certrep certrep_usual(const char *status)
{
	return (struct certrep){
		.plan =
			{
				.signer = &world.authority,
				.recipients = {world.client.certificate},
				.n_recipients = 1,
				.content = span_of(answers.degenerate),
				.digest = EVP_sha256(),
				.cipher = EVP_aes_128_cbc(),
				.type = "3",
				.transaction_id = SPAN_LITERAL(OUR_TRANSACTION),
				.sender_nonce = SPAN_LITERAL("fedcba9876543210"),
			},
		.status = status,
		.recipient_nonce = SPAN_LITERAL(OUR_NONCE),
	};
}

static inline void add_answer_attributes(CMS_SignerInfo *signer, const struct certrep *from)
{
	int tag = from->text_tag ? from->text_tag : V_ASN1_PRINTABLESTRING;

	add_attribute(signer, OID_TEXT_PKI_STATUS, tag, span_of_text(from->status));
	add_attribute(signer, OID_TEXT_FAIL_INFO, tag, span_of_text(from->fail_info));
	add_attribute(signer, OID_TEXT_RECIPIENT_NONCE, V_ASN1_OCTET_STRING, from->recipient_nonce);
	add_attribute(signer, OID_TEXT_FAIL_INFO_TEXT,
		      from->text_tag ? from->text_tag : V_ASN1_UTF8STRING,
		      span_of_text(from->fail_text));
	add_attribute(signer, "1.3.6.1.4.1.55555.1", V_ASN1_OCTET_STRING, from->foreign);
}

/* Signs @content: the envelope, or nothing. */
static inline struct bytes certrep_signed_new(const struct certrep *from, struct span content)
{
	const struct plan *plan = &from->plan;
	unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP |
			 (plan->stream ? CMS_STREAM : 0) |
			 (plan->key_identifier ? CMS_USE_KEYID : 0) |
			 (from->without_content ? CMS_DETACHED : 0) |
			 (plan->without_signer ? CMS_NOCERTS : 0) | (plan->pss ? CMS_KEY_PARAM : 0);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	BIO *out = BIO_new(BIO_s_mem());
	CMS_SignerInfo *signer;

	assert(cms);
	for (size_t i = 0; i < plan->n_enclosed; i++)
		assert(CMS_add1_cert(cms, plan->enclosed[i]) == 1);
	signer = CMS_add1_signer(cms, plan->signer->certificate, plan->signer->key, plan->digest,
				 flags);
	assert(signer);
	if (plan->pss)
		EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(signer),
					     RSA_PKCS1_PSS_PADDING);
	add_attributes(signer, plan);
	add_answer_attributes(signer, from);
	put_cms(out, cms, content, flags);
	CMS_ContentInfo_free(cms);
	return bytes_of_bio(out);
}

static inline struct bytes certrep_new(const struct certrep *from)
{
	struct bytes envelope = {0};
	struct bytes message;

	if (from->plan.content.size)
		envelope = envelope_new(&from->plan);
	message = certrep_signed_new(from, span_of(envelope));
	bytes_done(&envelope);
	return message;
}

/* PENDING and FAILURE: nothing is enveloped. */
static inline struct certrep certrep_empty(const char *status, const char *fail_info)
{
	struct certrep from = certrep_usual(status);

	from.plan.content = (struct span){0};
	from.fail_info = fail_info;
	return from;
}

static inline enum scep_fault fault_of_message(struct span message)
{
	_cleanup_(scep_reply_done) struct scep_reply reply = {0};
	struct scep_expectation expected = expectation_usual();
	enum scep_fault fault = SCEP_FAULT_NONE;
	int r = scep_reply_open(message, &expected, &reply, &fault);

	assert(r == 0);
	return fault;
}
