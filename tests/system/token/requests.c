/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/system/token/requests.h"
#include "daemon/base/crypto.h"
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

void made_key_done(struct made_key *key)
{
	bytes_done(&key->id);
	bytes_done(&key->spki);
	EVP_PKEY_free(key->public);
	*key = (struct made_key){0};
}

static struct bytes take_der(unsigned char *der, int size)
{
	struct bytes copy = {0};

	assert_true(size > 0);
	assert_int_equal(bytes_copy(SPAN(der, (size_t)size), &copy), 0);
	OPENSSL_free(der);
	return copy;
}

static X509_NAME *make_name(const char *common_name)
{
	X509_NAME *name = X509_NAME_new();

	assert_non_null(name);
	assert_true(X509_NAME_add_entry_by_txt(name, "O", V_ASN1_PRINTABLESTRING,
					       (const unsigned char *)"Cisco", -1, -1, 0));
	assert_true(X509_NAME_add_entry_by_txt(name, "CN", V_ASN1_PRINTABLESTRING,
					       (const unsigned char *)common_name, -1, -1, 0));
	return name;
}

struct bytes request_name(const char *common_name)
{
	X509_NAME *name = make_name(common_name);
	unsigned char *der = NULL;
	int size = i2d_X509_NAME(name, &der);

	X509_NAME_free(name);
	return take_der(der, size);
}

struct made_key request_key(struct harness *h, uint8_t role, const char *issuer, const char *label)
{
	_cleanup_(bytes_done) struct bytes name = request_name(issuer);
	struct ipc_token_make make = {
		.role = role,
		.issuer = span_of(name),
		.bits = 2048,
		.label = span_of_text(label),
	};
	struct ipc_token_made made;
	_cleanup_(answer_done) struct answer answer =
		harness_ask(h->door, IPC_TOKEN_MAKE, &make, &made);
	struct made_key key = {0};
	const unsigned char *der;

	if (answer.failure)
		fail_msg("no key was made: %d %s", answer.failure, answer.reason);
	assert_int_equal(bytes_copy(made.id, &key.id), 0);
	assert_int_equal(bytes_copy(made.spki, &key.spki), 0);
	sha256(made.spki, key.sha256);
	der = key.spki.data;
	key.public = d2i_PUBKEY(NULL, &der, (long)key.spki.size);
	assert_non_null(key.public);
	return key;
}

/* Signs what OpenSSL will not encode unsigned. */
static EVP_PKEY *nobodys_key(void)
{
	static EVP_PKEY *key;

	if (!key)
		key = EVP_RSA_gen(2048);
	assert_non_null(key);
	return key;
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension;

	if (!value)
		return;
	extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(extension);
	assert_true(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

struct bytes request_certificate(const struct certificate_facts *facts)
{
	X509 *certificate = X509_new();
	X509_NAME *issuer = make_name(facts->issuer), *subject = make_name(facts->subject);
	int64_t not_after_s = facts->not_after_s ? facts->not_after_s : 1800000000;
	unsigned char *der = NULL;
	int size;

	assert_non_null(certificate);
	assert_true(X509_set_version(certificate, facts->version));
	assert_true(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 0x1234));
	assert_true(X509_set_issuer_name(certificate, issuer));
	assert_true(X509_set_subject_name(certificate, subject));
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate), 1700000000));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), not_after_s));
	assert_true(X509_set_pubkey(certificate, facts->key ? facts->key : nobodys_key()));
	add_extension(certificate, NID_basic_constraints, facts->basic_constraints);
	add_extension(certificate, NID_key_usage, facts->key_usage);
	assert_true(X509_sign(certificate, nobodys_key(), EVP_sha256()));
	size = i2d_re_X509_tbs(certificate, &der);
	X509_NAME_free(issuer);
	X509_NAME_free(subject);
	X509_free(certificate);
	return take_der(der, size);
}

struct bytes request_crl(const char *issuer)
{
	X509_CRL *crl = X509_CRL_new();
	X509_NAME *name = make_name(issuer);
	ASN1_TIME *time = ASN1_TIME_set(NULL, 1700000000);
	unsigned char *der = NULL;
	int size;

	assert_true(X509_CRL_set_version(crl, 1));
	assert_true(X509_CRL_set_issuer_name(crl, name));
	assert_true(X509_CRL_set1_lastUpdate(crl, time));
	assert_true(X509_CRL_set1_nextUpdate(crl, time));
	assert_true(X509_CRL_sign(crl, nobodys_key(), EVP_sha256()));
	size = i2d_re_X509_CRL_tbs(crl, &der);
	ASN1_TIME_free(time);
	X509_NAME_free(name);
	X509_CRL_free(crl);
	return take_der(der, size);
}

struct bytes request_csr(const char *subject, EVP_PKEY *key)
{
	X509_REQ *request = X509_REQ_new();
	X509_NAME *name = make_name(subject);
	unsigned char *der = NULL;
	int size;

	assert_true(X509_REQ_set_version(request, 0));
	assert_true(X509_REQ_set_subject_name(request, name));
	assert_true(X509_REQ_set_pubkey(request, key ? key : nobodys_key()));
	assert_true(X509_REQ_sign(request, nobodys_key(), EVP_sha256()));
	size = i2d_re_X509_REQ_tbs(request, &der);
	X509_NAME_free(name);
	X509_REQ_free(request);
	return take_der(der, size);
}

struct bytes request_cms(void)
{
	static const uint8_t head[] =
		"\x31\x4b"
		"\x30\x18\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"
		"\x31\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
		"\x30\x2f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04\x31\x22\x04\x20";
	struct bytes attributes = {0};

	assert_int_equal(bytes_new(sizeof(head) - 1 + 32, &attributes), 0);
	memcpy(attributes.data, head, sizeof(head) - 1);
	memset(attributes.data + sizeof(head) - 1, 0x5a, 32);
	return attributes;
}

struct bytes request_tls(void)
{
	static const char context[] = "TLS 1.3, server CertificateVerify";
	struct bytes block = {0};

	assert_int_equal(bytes_new(64 + sizeof(context) + 32, &block), 0);
	memset(block.data, ' ', 64);
	memcpy(block.data + 64, context, sizeof(context));
	random_fill(block.data + 64 + sizeof(context), 32);
	return block;
}

struct answer request_sign(struct harness *h, const struct made_key *key, struct span to_be_signed,
			   struct ipc_token_signature *ret)
{
	struct ipc_token_sign sign = {
		.key = SPAN_ARRAY(key->sha256),
		.digest = DIGEST_SHA256,
		.to_be_signed = to_be_signed,
	};

	return harness_ask(h->door, IPC_TOKEN_SIGN, &sign, ret);
}

bool request_verifies(const struct made_key *key, struct span to_be_signed, struct span signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool right;

	assert_true(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->public));
	right = EVP_DigestVerify(context, signature.data, signature.size, to_be_signed.data,
				 to_be_signed.size) == 1;
	EVP_MD_CTX_free(context);
	return right;
}

void request_signature(struct harness *h, const struct made_key *key, struct span to_be_signed)
{
	struct ipc_token_signature signature;
	_cleanup_(answer_done) struct answer answer =
		request_sign(h, key, to_be_signed, &signature);

	if (answer.failure)
		fail_msg("not signed: %d %s", answer.failure, answer.reason);
	assert_true(request_verifies(key, to_be_signed, signature.signature));
}

struct bytes request_encrypt(const struct made_key *key, struct span content)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->public, NULL);
	struct bytes encrypted = {0};
	size_t size = 256;

	assert_int_equal(bytes_new(size, &encrypted), 0);
	assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
	assert_true(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0);
	assert_int_equal(
		EVP_PKEY_encrypt(context, encrypted.data, &size, content.data, content.size), 1);
	EVP_PKEY_CTX_free(context);
	return encrypted;
}

struct answer request_unwrap(struct harness *h, const struct made_key *key, struct span encrypted,
			     uint16_t size, struct ipc_token_content_key *ret)
{
	struct ipc_token_unwrap unwrap = {
		.key = SPAN_ARRAY(key->sha256),
		.encrypted = encrypted,
		.size = size,
	};

	return harness_ask(h->door, IPC_TOKEN_UNWRAP, &unwrap, ret);
}
