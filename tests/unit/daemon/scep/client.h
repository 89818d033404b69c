/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A SCEP client and an authority made of OpenSSL alone: its CMS builds every request that these
 * tests read, and reads every answer that they write. Failures of OpenSSL are the test's.
 */

#include "daemon/base/bytes.h"
#include "tests/unit/daemon/scep/keys.h"
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#define OID_TEXT_MESSAGE_TYPE	 "2.16.840.1.113733.1.9.2"
#define OID_TEXT_PKI_STATUS	 "2.16.840.1.113733.1.9.3"
#define OID_TEXT_FAIL_INFO	 "2.16.840.1.113733.1.9.4"
#define OID_TEXT_SENDER_NONCE	 "2.16.840.1.113733.1.9.5"
#define OID_TEXT_RECIPIENT_NONCE "2.16.840.1.113733.1.9.6"
#define OID_TEXT_TRANSACTION_ID	 "2.16.840.1.113733.1.9.7"
#define OID_TEXT_FAIL_INFO_TEXT	 "1.3.6.1.5.5.7.24.1"
#define OID_TEXT_CONTENT_TYPE	 "1.2.840.113549.1.9.3"
#define OID_TEXT_MESSAGE_DIGEST	 "1.2.840.113549.1.9.4"
#define OID_TEXT_SIGNING_TIME	 "1.2.840.113549.1.9.5"

struct party {
	EVP_PKEY *key;
	X509 *certificate;
};

static inline EVP_PKEY *key_of(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert(key);
	return key;
}

struct certificate_plan {
	const char *subject; /* CN */
	const char *issuer;  /* CN */
	EVP_PKEY *key, *issuer_key;
	long version;	       /* 2: version 3 */
	const char *serial;    /* hex */
	const char *key_usage; /* OpenSSL's words, or NULL */
	bool key_identifier;
	bool ca;
};

static inline void add_extension(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert(extension && X509_add_ext(certificate, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static inline void set_name(X509_NAME *name, const char *common_name)
{
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const uint8_t *)"Example", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)common_name, -1, -1,
				   0);
}

static inline X509 *certificate_new(const struct certificate_plan *plan)
{
	X509 *certificate = X509_new();
	BIGNUM *serial = NULL;

	assert(BN_hex2bn(&serial, plan->serial) > 0);
	X509_set_version(certificate, plan->version);
	BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate));
	BN_free(serial);
	set_name(X509_get_issuer_name(certificate), plan->issuer);
	set_name(X509_get_subject_name(certificate), plan->subject);
	/* fixed times: nothing here reads a clock */
	ASN1_TIME_set_string(X509_getm_notBefore(certificate), "200101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20991231235959Z");
	X509_set_pubkey(certificate, plan->key);
	if (plan->ca)
		add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
	if (plan->key_usage)
		add_extension(certificate, NID_key_usage, plan->key_usage);
	if (plan->key_identifier)
		add_extension(certificate, NID_subject_key_identifier, "hash");
	assert(X509_sign(certificate, plan->issuer_key, EVP_sha256()) > 0);
	return certificate;
}

/* One that signed its own certificate, as a client at first contact and a root have it. */
static inline struct party party_new(EVP_PKEY *key, const char *name, const char *serial)
{
	struct certificate_plan plan = {
		.subject = name,
		.issuer = name,
		.key = key,
		.issuer_key = key,
		.version = 2,
		.serial = serial,
		.key_identifier = true,
	};

	return (struct party){key, certificate_new(&plan)};
}

/* A root that signs its answers itself, with what RFC 8894 §2.1.2 asks of it. */
static inline struct party authority_new(EVP_PKEY *key, const char *name)
{
	struct certificate_plan plan = {
		.subject = name,
		.issuer = name,
		.key = key,
		.issuer_key = key,
		.version = 2,
		.serial = "01",
		.key_usage = "critical,digitalSignature,keyEncipherment,keyCertSign,cRLSign",
		.key_identifier = true,
		.ca = true,
	};

	return (struct party){key, certificate_new(&plan)};
}

static inline void party_done(struct party *party)
{
	X509_free(party->certificate);
	EVP_PKEY_free(party->key);
	*party = (struct party){0};
}

static inline struct bytes bytes_of_bio(BIO *bio)
{
	struct bytes copied = {0};
	char *data;
	long size = BIO_get_mem_data(bio, &data);
	int r = bytes_copy(SPAN(data, (size_t)size), &copied);

	assert(r == 0);
	BIO_free(bio);
	return copied;
}

static inline struct bytes bytes_of_certificate(X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());

	i2d_X509_bio(bio, certificate);
	return bytes_of_bio(bio);
}

static inline struct bytes csr_new(EVP_PKEY *key, const char *name, const char *challenge)
{
	X509_REQ *request = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());

	set_name(X509_REQ_get_subject_name(request), name);
	X509_REQ_set_pubkey(request, key);
	if (challenge)
		X509_REQ_add1_attr_by_NID(request, NID_pkcs9_challengePassword, MBSTRING_ASC,
					  (const uint8_t *)challenge, -1);
	assert(X509_REQ_sign(request, key, EVP_sha256()) > 0);
	i2d_X509_REQ_bio(bio, request);
	X509_REQ_free(request);
	return bytes_of_bio(bio);
}

/* What a request is made of. Zeroed members are left out of the message, or are the usual. */
struct plan {
	const struct party *signer;
	X509 *recipients[16];
	size_t n_recipients;
	struct span content;
	const EVP_MD *digest;
	const EVP_CIPHER *cipher;
	const char *type;
	int type_tag; /* V_ASN1_…; 0: PrintableString */
	struct span transaction_id;
	int transaction_id_tag;
	struct span sender_nonce;
	bool stream;	     /* BER of indefinite length, inside and outside */
	bool key_identifier; /* signer named by subjectKeyIdentifier */
	bool oaep, pss;
	bool signing_time_only; /* no SCEP attribute at all */
	X509 *enclosed[16];
	size_t n_enclosed;
	bool without_signer; /* the signer's certificate isn't enclosed */
};

static inline void put_cms(BIO *out, CMS_ContentInfo *cms, struct span content, unsigned flags)
{
	BIO *in = BIO_new_mem_buf(content.data ? content.data : (const uint8_t *)"",
				  (int)content.size);
	int done;

	if (flags & CMS_STREAM)
		done = i2d_CMS_bio_stream(out, cms, in, (int)flags);
	else
		done = CMS_final(cms, in, NULL, flags) && i2d_CMS_bio(out, cms);
	assert(done == 1);
	BIO_free(in);
}

static inline void add_recipient(CMS_ContentInfo *cms, X509 *recipient, bool oaep)
{
	CMS_RecipientInfo *info = CMS_add1_recipient_cert(cms, recipient, oaep ? CMS_KEY_PARAM : 0);

	assert(info);
	if (oaep)
		EVP_PKEY_CTX_set_rsa_padding(CMS_RecipientInfo_get0_pkey_ctx(info),
					     RSA_PKCS1_OAEP_PADDING);
}

static inline struct bytes envelope_new(const struct plan *plan)
{
	unsigned flags = CMS_BINARY | CMS_PARTIAL | (plan->stream ? CMS_STREAM : 0);
	CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, plan->cipher, flags);
	BIO *out = BIO_new(BIO_s_mem());

	assert(cms);
	for (size_t i = 0; i < plan->n_recipients; i++)
		add_recipient(cms, plan->recipients[i], plan->oaep);
	put_cms(out, cms, plan->content, flags);
	CMS_ContentInfo_free(cms);
	return bytes_of_bio(out);
}

static inline void add_attribute(CMS_SignerInfo *signer, const char *oid, int tag,
				 struct span value)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int done;

	if (value.data) {
		done = CMS_signed_add1_attr_by_OBJ(signer, object, tag, value.data,
						   (int)value.size);
		assert(done == 1);
	}
	ASN1_OBJECT_free(object);
}

static inline void add_attributes(CMS_SignerInfo *signer, const struct plan *plan)
{
	add_attribute(signer, OID_TEXT_TRANSACTION_ID,
		      plan->transaction_id_tag ? plan->transaction_id_tag : V_ASN1_PRINTABLESTRING,
		      plan->transaction_id);
	add_attribute(signer, OID_TEXT_MESSAGE_TYPE,
		      plan->type_tag ? plan->type_tag : V_ASN1_PRINTABLESTRING,
		      span_of_text(plan->type));
	add_attribute(signer, OID_TEXT_SENDER_NONCE, V_ASN1_OCTET_STRING, plan->sender_nonce);
}

/* Signs @content, which is the envelope unless a test wants something else there. */
static inline struct bytes signed_new(const struct plan *plan, struct span content)
{
	unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP |
			 (plan->stream ? CMS_STREAM : 0) |
			 (plan->key_identifier ? CMS_USE_KEYID : 0) |
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
	put_cms(out, cms, content, flags);
	CMS_ContentInfo_free(cms);
	return bytes_of_bio(out);
}

static inline struct bytes request_new(const struct plan *plan)
{
	struct bytes envelope = envelope_new(plan);
	struct bytes message = signed_new(plan, span_of(envelope));

	bytes_done(&envelope);
	return message;
}

/* What the token does: the content key, or -1 size where the padding is wrong. */
static inline struct bytes unwrap(EVP_PKEY *key, struct span encrypted)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	uint8_t plain[1024];
	size_t size = sizeof(plain);
	struct bytes unwrapped = {0};

	if (EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_decrypt(ctx, plain, &size, encrypted.data, encrypted.size) == 1) {
		int r = bytes_copy(SPAN(plain, size), &unwrapped);

		assert(r == 0);
	}
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return unwrapped;
}

/* IssuerAndSubject and IssuerAndSerialNumber. */
static inline struct bytes issuer_and_subject_new(const X509 *issuer, const X509 *subject)
{
	uint8_t *names[2] = {NULL, NULL};
	int sizes[2] = {i2d_X509_NAME(X509_get_subject_name(issuer), &names[0]),
			i2d_X509_NAME(X509_get_subject_name(subject), &names[1])};
	struct buffer out = {0};
	struct bytes made = {0};
	int size = sizes[0] + sizes[1];
	int r;

	assert(size > 0 && size < 0x80);
	buffer_append_byte(&out, 0x30);
	buffer_append_byte(&out, (uint8_t)size);
	for (size_t i = 0; i < 2; i++) {
		buffer_append(&out, SPAN(names[i], (size_t)sizes[i]));
		OPENSSL_free(names[i]);
	}
	r = buffer_take(&out, &made);
	assert(r == 0);
	return made;
}

static inline struct bytes issuer_and_serial_new(const X509 *certificate)
{
	PKCS7_ISSUER_AND_SERIAL *name = PKCS7_ISSUER_AND_SERIAL_new();
	struct bytes made = {0};
	uint8_t *der = NULL;
	int size;
	int r;

	X509_NAME_set(&name->issuer, X509_get_issuer_name(certificate));
	ASN1_INTEGER_free(name->serial);
	name->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
	size = i2d_PKCS7_ISSUER_AND_SERIAL(name, &der);
	assert(size > 0);
	r = bytes_copy(SPAN(der, (size_t)size), &made);
	assert(r == 0);
	OPENSSL_free(der);
	PKCS7_ISSUER_AND_SERIAL_free(name);
	return made;
}
