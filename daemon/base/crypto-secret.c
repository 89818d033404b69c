/* SPDX-License-Identifier: Apache-2.0 */
/* What opens private keys: nothing of the plain bytes is ever outside locked memory. */
#include "daemon/base/crypto-internal.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static void context_freep(EVP_CIPHER_CTX **context)
{
	EVP_CIPHER_CTX_free(*context);
	ERR_clear_error();
}

/* @sealed opened by @cipher; -EBADMSG where its end or its check value is wrong. */
static int open_whole(const EVP_CIPHER *cipher, struct span key, struct span iv, struct span sealed,
		      struct secret *ret)
{
	_cleanup_(context_freep) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	_cleanup_(secret_done) struct secret plain = {0};
	int first = 0, last = 0, r;

	if (!context)
		return -ENOMEM;
	r = secret_new(sealed.size + EVP_MAX_BLOCK_LENGTH, &plain);
	if (r < 0)
		return r;
	EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_DecryptInit_ex2(context, cipher, key.data, iv.data, NULL) != 1)
		return -ENOMEM;
	if (EVP_DecryptUpdate(context, plain.data, &first, sealed.data, (int)sealed.size) != 1 ||
	    EVP_DecryptFinal_ex(context, plain.data + first, &last) != 1 || first + last <= 0)
		return -EBADMSG;
	plain.size = (size_t)first + (size_t)last;
	*ret = TAKE_STRUCT(plain);
	return 0;
}

int cipher_open(enum cipher cipher, struct span key, struct span iv, struct span sealed,
		struct secret *ret)
{
	_cleanup_(secret_done) struct secret expanded = {0};
	int r;

	if (cipher == CIPHER_NONE || key.size != cipher_key_size(cipher) ||
	    iv.size != cipher_block_size(cipher))
		return -EINVAL;
	if (sealed.size == 0 || sealed.size > INT_MAX / 2 ||
	    sealed.size % cipher_block_size(cipher))
		return -EBADMSG;
	r = secret_new(32, &expanded);
	if (r < 0)
		return r;
	/* Single DES is 3DES with three equal keys. */
	for (size_t i = 0; i < expanded.size; i++)
		expanded.data[i] = key.data[i % key.size];
	return open_whole(crypto_evp_cipher(cipher), span_of_secret(expanded), iv, sealed, ret);
}

int key_wrap_open(struct span wrapping_key, struct span wrapped, struct secret *ret)
{
	if (wrapping_key.size != 32)
		return -EINVAL;
	if (wrapped.size < 16 || wrapped.size > INT_MAX / 2)
		return -EBADMSG;
	return open_whole(EVP_aes_256_wrap_pad(), wrapping_key, (struct span){0}, wrapped, ret);
}
