/* SPDX-License-Identifier: Apache-2.0 */
/* The RSA public keys of crypto.h. */
#include "daemon/base/crypto-internal.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#define MODULUS_BITS_MIN  512
#define MODULUS_BITS_MAX  8192
#define EXPONENT_BITS_MAX 64

struct rsa_public {
	EVP_PKEY *pkey;
	size_t bits;
};

static void pkey_ctx_freep(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
	ERR_clear_error();
}

static struct span without_leading_zeros(struct span number)
{
	while (number.size && number.data[0] == 0)
		number = span_slice(number, 1, SIZE_MAX);
	return number;
}

/* @number has no leading zeros. */
static size_t bits_of(struct span number)
{
	if (number.size == 0)
		return 0;
	return number.size * 8 - (size_t)(__builtin_clz(number.data[0]) - 24);
}

static bool is_odd(struct span number)
{
	return number.size && number.data[number.size - 1] & 1;
}

static bool numbers_are_taken(struct span modulus, struct span exponent)
{
	if (!is_odd(modulus) || bits_of(modulus) < MODULUS_BITS_MIN ||
	    bits_of(modulus) > MODULUS_BITS_MAX)
		return false;
	return is_odd(exponent) && bits_of(exponent) > 1 && bits_of(exponent) <= EXPONENT_BITS_MAX;
}

/* OSSL_PARAM wants the machine's own byte order. */
static void reverse_into(struct span number, uint8_t *ret)
{
	for (size_t i = 0; i < number.size; i++)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		ret[i] = number.data[number.size - 1 - i];
#else
		ret[i] = number.data[i];
#endif
}

static EVP_PKEY *pkey_new(struct span modulus, struct span exponent)
{
	_cleanup_(pkey_ctx_freep) EVP_PKEY_CTX *ctx = NULL;
	uint8_t n[MODULUS_BITS_MAX / 8];
	uint8_t e[EXPONENT_BITS_MAX / 8];
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n, modulus.size),
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e, exponent.size),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *pkey = NULL;

	reverse_into(modulus, n);
	reverse_into(exponent, e);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		return NULL;
	return pkey;
}

int rsa_public_new(struct span modulus, struct span exponent, struct rsa_public **ret)
{
	struct rsa_public *key;
	EVP_PKEY *pkey;

	modulus = without_leading_zeros(modulus);
	exponent = without_leading_zeros(exponent);
	if (!numbers_are_taken(modulus, exponent))
		return -EKEYREJECTED;
	pkey = pkey_new(modulus, exponent);
	if (!pkey)
		return -ENOMEM;
	key = calloc(1, sizeof(*key));
	if (!key) {
		EVP_PKEY_free(pkey);
		return -ENOMEM;
	}
	*key = (struct rsa_public){pkey, bits_of(modulus)};
	*ret = key;
	return 0;
}

struct rsa_public *rsa_public_free(struct rsa_public *key)
{
	if (key)
		EVP_PKEY_free(key->pkey);
	free(key);
	return NULL;
}

void rsa_public_freep(struct rsa_public **key)
{
	*key = rsa_public_free(*key);
}

EVP_PKEY *crypto_rsa_pkey(const struct rsa_public *key)
{
	return key->pkey;
}

size_t rsa_public_bits(const struct rsa_public *key)
{
	return key->bits;
}

int rsa_public_verify_info(const struct rsa_public *key, struct span info, struct span signature)
{
	_cleanup_(pkey_ctx_freep) EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

	if (!ctx || EVP_PKEY_verify_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1)
		return -ENOMEM;
	if (signature.size == 0 ||
	    EVP_PKEY_verify(ctx, signature.data, signature.size, info.data, info.size) != 1)
		return -EBADMSG;
	return 0;
}

int rsa_public_verify(const struct rsa_public *key, enum digest digest, struct span message,
		      struct span signature)
{
	uint8_t info[DIGEST_SIZE_MAX + 32];
	size_t size = digest_info(digest, message, info);

	return rsa_public_verify_info(key, SPAN(info, size), signature);
}

int rsa_public_encrypt(const struct rsa_public *key, struct span plain, struct bytes *ret)
{
	_cleanup_(pkey_ctx_freep) EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	_cleanup_(bytes_done) struct bytes out = {0};
	int r = bytes_new((key->bits + 7) / 8, &out);

	if (r < 0)
		return r;
	if (!ctx || EVP_PKEY_encrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1)
		return -ENOMEM;
	if (EVP_PKEY_encrypt(ctx, out.data, &out.size, plain.data, plain.size) != 1)
		return -EINVAL;
	*ret = TAKE_STRUCT(out);
	return 0;
}
