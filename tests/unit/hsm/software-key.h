/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An RSA key of OpenSSL's beside ours of the same public numbers: the paddings of hsm/ are held
 * against an implementation that nobody here wrote. */

#include "daemon/base/rsa-scheme.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct software_key {
	EVP_PKEY *pkey;
	struct rsa_public *public;
	size_t bits, bytes; /* of the modulus */
};

static inline struct software_key software_key_new(unsigned bits)
{
	struct software_key key = {.pkey = EVP_RSA_gen(bits)};
	BIGNUM *n = NULL;
	uint8_t modulus[512];

	assert_non_null(key.pkey);
	assert_int_equal(EVP_PKEY_get_bn_param(key.pkey, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	key.bits = (size_t)BN_num_bits(n);
	key.bytes = (size_t)BN_bn2bin(n, modulus);
	BN_free(n);
	assert_int_equal(
		rsa_public_new(SPAN(modulus, key.bytes), SPAN_LITERAL("\x01\x00\x01"), &key.public),
		0);
	return key;
}

static inline void software_key_done(struct software_key *key)
{
	EVP_PKEY_free(key->pkey);
	rsa_public_free(key->public);
}

/* Raw RSA with the private key, in place. */
static inline void software_key_power(const struct software_key *key, uint8_t *block)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	uint8_t out[512];
	size_t size = sizeof(out);

	assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_decrypt(ctx, out, &size, block, key->bytes), 1);
	assert_int_equal(size, key->bytes);
	memcpy(block, out, size);
	EVP_PKEY_CTX_free(ctx);
}

static inline const EVP_MD *software_md(enum digest digest)
{
	return EVP_get_digestbyname(digest_name(digest));
}

/* RSAES-OAEP, or PKCS#1 v1.5, by the public key; @ret: as long as the modulus. */
static inline void software_key_encrypt(EVP_PKEY *pkey, const struct rsa_opening *way,
					struct span plain, uint8_t *ret)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	size_t size = 512;

	assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
	if (way->padding == RSA_PADDING_OAEP) {
		void *label = OPENSSL_memdup(way->label.data, way->label.size);

		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, software_md(way->digest)), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, software_md(way->mgf1)), 1);
		if (label)
			assert_int_equal(
				EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, (int)way->label.size),
				1);
	}
	assert_int_equal(EVP_PKEY_encrypt(ctx, ret, &size, plain.data, plain.size), 1);
	EVP_PKEY_CTX_free(ctx);
}
