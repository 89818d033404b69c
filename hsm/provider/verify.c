/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/provider/sign.h"

#include <openssl/err.h>

void verify_done(struct sign *sign)
{
	if (!sign->verify_message)
		EVP_PKEY_CTX_free(sign->verify);
	EVP_MD_CTX_free(TAKE_PTR(sign->verify_message));
	sign->verify = NULL;
}

bool verify_copy(const struct sign *from, struct sign *to)
{
	to->verify = NULL;
	to->verify_message = NULL;
	if (!from->verify)
		return true;
	if (!from->verify_message) {
		to->verify = EVP_PKEY_CTX_dup(from->verify);
		return to->verify;
	}
	to->verify_message = EVP_MD_CTX_new();
	if (!to->verify_message ||
	    EVP_MD_CTX_copy_ex(to->verify_message, from->verify_message) != 1)
		return false;
	to->verify = EVP_MD_CTX_get_pkey_ctx(to->verify_message);
	return true;
}

/* The public half's context, to be begun by @begin. */
static int init(struct sign *sign, struct prov_key *key, const OSSL_PARAM params[],
		int (*begin)(EVP_PKEY_CTX *context, const OSSL_PARAM params[]))
{
	if (!prov_key_hold(key, &sign->key))
		return 0;
	verify_done(sign);
	sign->verify =
		EVP_PKEY_CTX_new_from_pkey(sign->prov->context, sign->key->public_half, NULL);
	return sign->verify && begin(sign->verify, params) == 1;
}

int verify_init(void *context, void *key, const OSSL_PARAM params[])
{
	return init(context, key, params, EVP_PKEY_verify_init_ex);
}

int verify_digest(void *context, const unsigned char *signature, size_t signature_size,
		  const unsigned char *digest, size_t digest_bytes)
{
	struct sign *sign = context;

	return sign->verify &&
	       EVP_PKEY_verify(sign->verify, signature, signature_size, digest, digest_bytes) == 1;
}

int verify_recover_init(void *context, void *key, const OSSL_PARAM params[])
{
	return init(context, key, params, EVP_PKEY_verify_recover_init_ex);
}

int verify_recover(void *context, unsigned char *ret, size_t *ret_size, size_t room,
		   const unsigned char *signature, size_t signature_size)
{
	struct sign *sign = context;

	*ret_size = room;
	return sign->verify &&
	       EVP_PKEY_verify_recover(sign->verify, ret, ret_size, signature, signature_size) == 1;
}

int verify_message_init(void *context, const char *digest, void *key, const OSSL_PARAM params[])
{
	struct sign *sign = context;

	if (!prov_key_hold(key, &sign->key))
		return 0;
	verify_done(sign);
	sign->verify_message = EVP_MD_CTX_new();
	return sign->verify_message &&
	       EVP_DigestVerifyInit_ex(sign->verify_message, &sign->verify,
				       digest && *digest ? digest : NULL, sign->prov->context, NULL,
				       sign->key->public_half, params) == 1;
}

int verify_message_update(void *context, const unsigned char *data, size_t size)
{
	struct sign *sign = context;

	return sign->verify_message &&
	       EVP_DigestVerifyUpdate(sign->verify_message, data, size) == 1;
}

int verify_message_final(void *context, const unsigned char *signature, size_t size)
{
	struct sign *sign = context;

	return sign->verify_message &&
	       EVP_DigestVerifyFinal(sign->verify_message, signature, size) == 1;
}

int verify_message(void *context, const unsigned char *signature, size_t signature_size,
		   const unsigned char *message, size_t message_size)
{
	struct sign *sign = context;

	return sign->verify_message && EVP_DigestVerify(sign->verify_message, signature,
							signature_size, message, message_size) == 1;
}
