/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by a scheme, of rsa-scheme.h, verified. */
#include "daemon/base/crypto-internal.h"
#include "daemon/base/rsa-scheme.h"
#include <openssl/err.h>
#include <openssl/rsa.h>

static void pkey_ctx_freep(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
	ERR_clear_error();
}

static bool set_pss(EVP_PKEY_CTX *ctx, const struct rsa_scheme *scheme)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_signature_md(ctx, crypto_md(scheme->digest)) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, crypto_md(scheme->mgf1)) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)scheme->salt_bytes) == 1;
}

static int verify_pss(const struct rsa_scheme *scheme, const struct rsa_public *key,
		      struct span hash, struct span signature)
{
	_cleanup_(pkey_ctx_freep) EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_pkey(NULL, crypto_rsa_pkey(key), NULL);

	if (!ctx || EVP_PKEY_verify_init(ctx) != 1 || !set_pss(ctx, scheme))
		return -ENOMEM;
	if (signature.size == 0 ||
	    EVP_PKEY_verify(ctx, signature.data, signature.size, hash.data, hash.size) != 1)
		return -EBADMSG;
	return 0;
}

int rsa_scheme_verify(const struct rsa_scheme *scheme, const struct rsa_public *key,
		      struct span input, struct span signature)
{
	uint8_t hash[DIGEST_SIZE_MAX], info[DIGEST_SIZE_MAX + 32];

	if (scheme->padding == RSA_PADDING_PKCS1)
		return rsa_public_verify_info(key, rsa_scheme_info(scheme, input, info), signature);
	return verify_pss(scheme, key, SPAN(hash, rsa_scheme_digest(scheme, input, hash)),
			  signature);
}
