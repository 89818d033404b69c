/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define E65537 SPAN_LITERAL("\x01\x00\x01")

/* OpenSSL's own key signs and decrypts; ours is made of its public numbers. */
struct pair {
	EVP_PKEY *pkey;
	struct bytes modulus;
	struct rsa_public *key;
};

static int setup(void **state)
{
	static struct pair pair;
	BIGNUM *n = NULL;

	pair.pkey = EVP_RSA_gen(2048);
	assert_non_null(pair.pkey);
	assert_int_equal(EVP_PKEY_get_bn_param(pair.pkey, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	assert_int_equal(bytes_new((size_t)BN_num_bytes(n), &pair.modulus), 0);
	BN_bn2bin(n, pair.modulus.data);
	BN_free(n);
	assert_int_equal(rsa_public_new(span_of(pair.modulus), E65537, &pair.key), 0);
	*state = &pair;
	return 0;
}

static int teardown(void **state)
{
	struct pair *pair = *state;

	EVP_PKEY_free(pair->pkey);
	bytes_done(&pair->modulus);
	rsa_public_free(pair->key);
	return 0;
}

static size_t sign(const struct pair *pair, const char *digest, struct span message,
		   uint8_t ret[static 256])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = 256;

	assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, pair->pkey, NULL), 1);
	assert_int_equal(EVP_DigestSign(ctx, ret, &size, message.data, message.size), 1);
	EVP_MD_CTX_free(ctx);
	return size;
}

static void signatures(void **state)
{
	static const enum digest digests[] = {DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384,
					      DIGEST_SHA512};
	const struct pair *pair = *state;
	const struct span message = SPAN_LITERAL("to be signed");

	assert_int_equal(rsa_public_bits(pair->key), 2048);
	for (size_t i = 0; i < ELEMENTS(digests); i++) {
		uint8_t s[256];
		size_t size = sign(pair, digest_name(digests[i]), message, s);

		for (size_t j = 0; j < ELEMENTS(digests); j++)
			assert_int_equal(
				rsa_public_verify(pair->key, digests[j], message, SPAN(s, size)),
				i == j ? 0 : -EBADMSG);
		assert_int_equal(rsa_public_verify(pair->key, digests[i],
						   SPAN_LITERAL("to be signeD"), SPAN(s, size)),
				 -EBADMSG);
	}
}

static void spoilt_signatures(void **state)
{
	const struct pair *pair = *state;
	const struct span message = SPAN_LITERAL("to be signed");
	uint8_t s[257] = {0};
	size_t size = sign(pair, "SHA256", message, s);

	for (size_t i = 0; i < size; i += 5) {
		s[i] ^= 4;
		assert_int_equal(
			rsa_public_verify(pair->key, DIGEST_SHA256, message, SPAN(s, size)),
			-EBADMSG);
		s[i] ^= 4;
	}
	for (size_t n = 0; n <= 257; n++)
		if (n != size)
			assert_int_equal(
				rsa_public_verify(pair->key, DIGEST_SHA256, message, SPAN(s, n)),
				-EBADMSG);
	memset(s, 0xff, sizeof(s)); /* larger than the modulus */
	assert_int_equal(rsa_public_verify(pair->key, DIGEST_SHA256, message, SPAN(s, 256)),
			 -EBADMSG);
	assert_int_equal(ERR_peek_error(), 0);
}

static void content_keys(void **state)
{
	const struct pair *pair = *state;
	_cleanup_(bytes_done) struct bytes sealed = {0};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pair->pkey, NULL);
	uint8_t opened[256];
	size_t size = sizeof(opened);

	assert_int_equal(rsa_public_encrypt(pair->key, SPAN_LITERAL("0123456789abcdef"), &sealed),
			 0);
	assert_int_equal(sealed.size, 256);
	assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_decrypt(ctx, opened, &size, sealed.data, sealed.size), 1);
	assert_true(span_equal(SPAN(opened, size), SPAN_LITERAL("0123456789abcdef")));
	EVP_PKEY_CTX_free(ctx);
}

static void too_much_to_encrypt(void **state)
{
	const struct pair *pair = *state;
	uint8_t plain[256] = {0};
	struct bytes sealed = {0};

	assert_int_equal(rsa_public_encrypt(pair->key, SPAN(plain, 246), &sealed), -EINVAL);
	assert_null(sealed.data);
	assert_int_equal(rsa_public_encrypt(pair->key, SPAN(plain, 245), &sealed), 0);
	bytes_done(&sealed);
	assert_int_equal(ERR_peek_error(), 0);
}

struct number_row {
	size_t bits;
	bool even;
	struct span exponent;
	int r;
};

static void which_numbers_are_taken(void **state)
{
	static const struct number_row rows[] = {
		{512, false, E65537, 0},
		{511, false, E65537, -EKEYREJECTED},
		{8192, false, E65537, 0},
		{8193, false, E65537, -EKEYREJECTED},
		{2047, false, E65537, 0},
		{2048, true, E65537, -EKEYREJECTED},
		{2048, false, SPAN_LITERAL("\x03"), 0},
		{2048, false, SPAN_LITERAL("\x00\x00\x03"), 0},
		{2048, false, SPAN_LITERAL("\x01"), -EKEYREJECTED},
		{2048, false, SPAN_LITERAL("\x02"), -EKEYREJECTED},
		{2048, false, SPAN_LITERAL("\x00"), -EKEYREJECTED},
		{2048, false, SPAN_LITERAL(""), -EKEYREJECTED},
		{2048, false, SPAN_LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff"), 0},
		{2048, false, SPAN_LITERAL("\x01\x00\x00\x00\x00\x00\x00\x00\x01"), -EKEYREJECTED},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(rsa_public_freep) struct rsa_public *key = NULL;
		/* the number is at the end, zeros before it */
		uint8_t n[1100] = {0};
		size_t top = sizeof(n) - 1 - (rows[i].bits - 1) / 8;

		n[top] = (uint8_t)(1u << ((rows[i].bits - 1) % 8));
		n[sizeof(n) - 1] |= rows[i].even ? 0 : 1;
		assert_int_equal(rsa_public_new(SPAN_ARRAY(n), rows[i].exponent, &key), rows[i].r);
		if (rows[i].r == 0)
			assert_int_equal(rsa_public_bits(key), rows[i].bits);
		else
			assert_null(key);
	}
	assert_null(rsa_public_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures),
		cmocka_unit_test(spoilt_signatures),
		cmocka_unit_test(content_keys),
		cmocka_unit_test(too_much_to_encrypt),
		cmocka_unit_test(which_numbers_are_taken),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
