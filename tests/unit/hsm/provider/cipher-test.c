/* SPDX-License-Identifier: Apache-2.0 */
/* What was encrypted to a key on a token, and how programs have it opened. */
#include "service.h"

#include <openssl/cms.h>

#define PLAIN SPAN_LITERAL("a key for the content")

/* A way to encrypt, as a program sets it up; what is asked of the token then. */
struct way {
	int padding;		   /* OpenSSL's */
	const char *digest, *mgf1; /* or NULL */
	const char *label;	   /* or NULL */
	enum digest asked, asked_mgf1;
};

static const struct way ways[] = {
	{RSA_PKCS1_PADDING, NULL, NULL, NULL, DIGEST_NONE, DIGEST_NONE},
	{RSA_PKCS1_OAEP_PADDING, NULL, NULL, NULL, DIGEST_SHA1, DIGEST_SHA1},
	{RSA_PKCS1_OAEP_PADDING, "SHA256", NULL, NULL, DIGEST_SHA256, DIGEST_SHA256},
	{RSA_PKCS1_OAEP_PADDING, "SHA256", "SHA1", "a label", DIGEST_SHA256, DIGEST_SHA1},
	{RSA_PKCS1_OAEP_PADDING, "SHA384", "SHA512", "", DIGEST_SHA384, DIGEST_SHA512},
};

static void set_up(EVP_PKEY_CTX *context, const struct way *way)
{
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, way->padding), 1);
	if (way->digest)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md_name(context, way->digest, NULL), 1);
	if (way->mgf1)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, way->mgf1, NULL), 1);
	if (way->label)
		assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(context,
								  OPENSSL_strdup(way->label),
								  (int)strlen(way->label)),
				 1);
}

/* By @pkey's public half. */
static struct span encrypt(EVP_PKEY *pkey, OSSL_LIB_CTX *library, const struct way *way)
{
	static uint8_t encrypted[256];
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(library, pkey, NULL);
	size_t size = sizeof(encrypted);

	assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
	set_up(context, way);
	assert_int_equal(EVP_PKEY_encrypt(context, encrypted, &size, PLAIN.data, PLAIN.size), 1);
	EVP_PKEY_CTX_free(context);
	return SPAN(encrypted, size);
}

static void assert_opens(EVP_PKEY *pkey, const struct way *way, struct span encrypted)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(service.program, pkey, NULL), *copy;
	unsigned asked = atomic_load(&service.fake.n_questions);
	uint8_t plain[256];
	size_t size = 0;

	assert_int_equal(EVP_PKEY_decrypt_init(context), 1);
	set_up(context, way);
	copy = EVP_PKEY_CTX_dup(context);
	EVP_PKEY_CTX_free(context);
	assert_int_equal(EVP_PKEY_decrypt(copy, NULL, &size, encrypted.data, encrypted.size), 1);
	assert_int_equal(size, sizeof(plain));
	assert_int_equal(EVP_PKEY_decrypt(copy, plain, &size, encrypted.data, encrypted.size), 1);
	assert_true(span_equal(SPAN(plain, size), PLAIN));
	EVP_PKEY_CTX_free(copy);
	assert_int_equal(atomic_load(&service.fake.n_questions), asked + 1);
	assert_int_equal(service.open.digest, way->asked);
	assert_int_equal(service.open.mgf1, way->asked_mgf1);
	assert_int_equal(service.open.label.size, way->label ? strlen(way->label) : 0);
	assert_true(span_equal(span_of(service.seen), encrypted));
}

static void what_is_encrypted_is_opened(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		assert_opens(pkey, &ways[i], encrypt(service.software, NULL, &ways[i]));
		/* the private key's handle encrypts, too */
		assert_opens(pkey, &ways[i], encrypt(pkey, service.program, &ways[i]));
	}
	EVP_PKEY_free(pkey);
}

static int decrypt(EVP_PKEY *pkey, int padding, struct span encrypted, size_t room)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(service.program, pkey, NULL);
	uint8_t plain[256];
	int done = EVP_PKEY_decrypt_init(context) == 1 &&
		   EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1 &&
		   EVP_PKEY_decrypt(context, plain, &room, encrypted.data, encrypted.size) == 1;

	EVP_PKEY_CTX_free(context);
	return done;
}

static void what_is_not_opened(void **state)
{
	static const enum act refuses = ACT_REFUSED;
	EVP_PKEY *pkey = pkey_of_reference();
	struct span good = encrypt(service.software, NULL, &ways[0]);

	(void)state;
	assert_int_equal(decrypt(pkey, RSA_NO_PADDING, good, 256), 0);
	assert_true(last_error_says("padding not supported"));
	/* TLS's key exchange by RSA */
	assert_int_equal(decrypt(pkey, RSA_PKCS1_WITH_TLS_PADDING, good, 256), 0);
	assert_true(last_error_says("padding not supported"));
	assert_int_equal(decrypt(pkey, RSA_PKCS1_PSS_PADDING, good, 256), 0);
	ERR_clear_error();
	assert_int_equal(decrypt(pkey, RSA_PKCS1_PADDING, span_slice(good, 0, 255), 256), 0);
	assert_true(last_error_says("impossible with this key"));
	assert_int_equal(decrypt(pkey, RSA_PKCS1_OAEP_PADDING, good, 256), 0);
	assert_true(last_error_says("impossible with this key"));
	service_does(&refuses);
	assert_int_equal(decrypt(pkey, RSA_PKCS1_PADDING, good, 256), 0);
	assert_true(last_error_says("refused by the rules for this key"));
	service_does(answers);
	assert_int_equal(decrypt(pkey, RSA_PKCS1_PADDING, good, 256), 1);
	EVP_PKEY_free(pkey);
}

static void envelopes_are_opened(void **state)
{
	EVP_PKEY *pkey = pkey_of_reference();
	X509 *certificate = certificate_of(pkey);
	static const int paddings[] = {RSA_PKCS1_PADDING, RSA_PKCS1_OAEP_PADDING};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(paddings); i++) {
		BIO *in = BIO_new_mem_buf("content", 7), *out = BIO_new(BIO_s_mem());
		CMS_ContentInfo *cms = CMS_encrypt_ex(NULL, in, EVP_aes_128_cbc(), CMS_PARTIAL,
						      service.program, NULL);
		CMS_RecipientInfo *recipient =
			CMS_add1_recipient_cert(cms, certificate, CMS_KEY_PARAM);
		char *text;

		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(
					 CMS_RecipientInfo_get0_pkey_ctx(recipient), paddings[i]),
				 1);
		assert_int_equal(CMS_final(cms, in, NULL, CMS_BINARY), 1);
		assert_int_equal(CMS_decrypt(cms, pkey, certificate, NULL, out, CMS_BINARY), 1);
		assert_int_equal(BIO_get_mem_data(out, &text), 7);
		assert_memory_equal(text, "content", 7);
		CMS_ContentInfo_free(cms);
		BIO_free(in);
		BIO_free(out);
	}
	X509_free(certificate);
	EVP_PKEY_free(pkey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_encrypted_is_opened),
		cmocka_unit_test(what_is_not_opened),
		cmocka_unit_test(envelopes_are_opened),
	};

	return cmocka_run_group_tests(tests, service_start, service_stop);
}
