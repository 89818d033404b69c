/* SPDX-License-Identifier: Apache-2.0 */
/* What a software key does for other programs, judged by OpenSSL's own verification and encryption.
 */
#include "hsm/key/key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIZE 256

static EVP_PKEY *pkey;
static struct key *key;

static void free_context(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

static const EVP_MD *evp_digest(enum digest digest)
{
	return EVP_get_digestbyname(digest_name(digest));
}

/* @input as EVP_PKEY_verify() wants it: a digest, or what is padded as it is. */
static bool verifies(const struct rsa_scheme *scheme, struct span input, struct span signature)
{
	_cleanup_(free_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
	bool is_pss = scheme->padding == RSA_PADDING_PSS;

	assert_int_equal(EVP_PKEY_verify_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, is_pss ? RSA_PKCS1_PSS_PADDING
								      : RSA_PKCS1_PADDING),
			 1);
	if (scheme->input != RSA_INPUT_BARE)
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(context, evp_digest(scheme->digest)),
				 1);
	if (is_pss) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(context, evp_digest(scheme->mgf1)),
				 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)scheme->salt_bytes),
				 1);
	}
	return EVP_PKEY_verify(context, signature.data, signature.size, input.data, input.size) ==
	       1;
}

static const struct rsa_scheme schemes[] = {
	{RSA_PADDING_PKCS1, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_NONE, 0},
	{RSA_PADDING_PKCS1, RSA_INPUT_MESSAGE, DIGEST_SHA1, DIGEST_NONE, 0},
	{RSA_PADDING_PKCS1, RSA_INPUT_DIGEST, DIGEST_SHA512, DIGEST_NONE, 0},
	{RSA_PADDING_PKCS1, RSA_INPUT_BARE, DIGEST_NONE, DIGEST_NONE, 0},
	{RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA256, DIGEST_SHA256, 32},
	{RSA_PADDING_PSS, RSA_INPUT_MESSAGE, DIGEST_SHA384, DIGEST_SHA1, 0},
	{RSA_PADDING_PSS, RSA_INPUT_DIGEST, DIGEST_SHA512, DIGEST_SHA512, SIZE - 64 - 2},
};

static void every_scheme(void **state)
{
	static const struct span message = {(const uint8_t *)"a message, as it is", 19};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(schemes); i++) {
		const struct rsa_scheme *scheme = &schemes[i];
		_cleanup_(bytes_done) struct bytes signature = {0};
		uint8_t digest[DIGEST_SIZE_MAX];
		struct span hashed = message, input = message;

		if (scheme->digest != DIGEST_NONE)
			hashed = SPAN(digest, digest_compute(scheme->digest, message, digest));
		if (scheme->input == RSA_INPUT_DIGEST)
			input = hashed;
		assert_int_equal(key_use(key, scheme, input, &signature, NULL), 0);
		assert_int_equal(signature.size, SIZE);
		assert_true(verifies(scheme, hashed, span_of(signature)));
	}
}

static void what_is_impossible(void **state)
{
	static const uint8_t zeros[SIZE];
	static const struct {
		struct rsa_scheme scheme;
		size_t size;
		const char *reason;
	} rows[] = {
		{{RSA_PADDING_PSS, RSA_INPUT_DIGEST, DIGEST_SHA512, DIGEST_SHA512, SIZE - 64 - 1},
		 64,
		 "the salt is too long for this key"},
		{{RSA_PADDING_PKCS1, RSA_INPUT_BARE, DIGEST_NONE, DIGEST_NONE, 0},
		 SIZE - 10,
		 "too long for this key"},
		{{RSA_PADDING_PKCS1, RSA_INPUT_DIGEST, DIGEST_SHA256, DIGEST_NONE, 0},
		 20,
		 "the digest has another length"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes signature = {0};
		_cleanup_(freep) char *reason = NULL;

		assert_int_equal(key_use(key, &rows[i].scheme, SPAN(zeros, rows[i].size),
					 &signature, &reason),
				 -EINVAL);
		assert_string_equal(reason, rows[i].reason);
		assert_null(signature.data);
	}
}

static size_t encrypt(const struct rsa_opening *opening, struct span plain, uint8_t ret[SIZE])
{
	_cleanup_(free_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
	bool is_oaep = opening->padding == RSA_PADDING_OAEP;
	size_t size = SIZE;

	assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, is_oaep ? RSA_PKCS1_OAEP_PADDING
								       : RSA_PKCS1_PADDING),
			 1);
	if (is_oaep) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(context, evp_digest(opening->digest)),
				 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(context, evp_digest(opening->mgf1)),
				 1);
	}
	if (opening->label.size)
		assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(
					 context,
					 OPENSSL_memdup(opening->label.data, opening->label.size),
					 (int)opening->label.size),
				 1);
	assert_int_equal(EVP_PKEY_encrypt(context, ret, &size, plain.data, plain.size), 1);
	return size;
}

static const struct rsa_opening openings[] = {
	{RSA_PADDING_PKCS1, DIGEST_NONE, DIGEST_NONE, {NULL, 0}},
	{RSA_PADDING_OAEP, DIGEST_SHA1, DIGEST_SHA1, {NULL, 0}},
	{RSA_PADDING_OAEP, DIGEST_SHA256, DIGEST_SHA1, {NULL, 0}},
	{RSA_PADDING_OAEP, DIGEST_SHA512, DIGEST_SHA256, {(const uint8_t *)"label", 5}},
};

static void every_opening(void **state)
{
	static const struct span contents[] = {{(const uint8_t *)"content", 7}, {NULL, 0}};
	uint8_t encrypted[SIZE];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(openings); i++)
		for (size_t k = 0; k < ELEMENTS(contents); k++) {
			_cleanup_(secret_done) struct secret opened = {0};
			size_t size = encrypt(&openings[i], contents[k], encrypted);

			assert_int_equal(
				key_open(key, &openings[i], SPAN(encrypted, size), &opened, NULL),
				0);
			assert_true(span_equal(span_of_secret(opened), contents[k]));
		}
}

/* Of PKCS#1 v1.5 nothing is told: other bytes, the same each time. */
static void what_does_not_open(void **state)
{
	_cleanup_(secret_done) struct secret once = {0}, again = {0}, none = {0};
	_cleanup_(freep) char *reason = NULL;
	uint8_t encrypted[SIZE];
	size_t size = encrypt(&openings[1], SPAN_LITERAL("content"), encrypted);

	(void)state;
	assert_int_equal(key_open(key, &openings[0], SPAN(encrypted, size), &once, &reason), 0);
	assert_int_equal(key_open(key, &openings[0], SPAN(encrypted, size), &again, &reason), 0);
	assert_true(span_equal(span_of_secret(once), span_of_secret(again)));
	assert_null(reason);
	assert_int_equal(key_open(key, &openings[3], SPAN(encrypted, size), &none, &reason),
			 -EINVAL);
	assert_string_equal(reason, "this key does not open it");
	assert_int_equal(key_open(key, &openings[0], SPAN(encrypted, size - 1), &none, NULL),
			 -EINVAL);
	assert_null(none.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scheme),
		cmocka_unit_test(what_is_impossible),
		cmocka_unit_test(every_opening),
		cmocka_unit_test(what_does_not_open),
	};
	BIO *out = BIO_new(BIO_s_mem());
	char *pem;

	crypto_init();
	pkey = EVP_RSA_gen(SIZE * 8);
	assert(PEM_write_bio_PrivateKey(out, pkey, NULL, NULL, 0, NULL, NULL) == 1);
	long size = BIO_get_mem_data(out, &pem);
	assert(key_new_software(SPAN(pem, (size_t)size), &key) == 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	key_unref(key);
	EVP_PKEY_free(pkey);
	BIO_free(out);
	return failed;
}
