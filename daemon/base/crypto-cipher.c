/* SPDX-License-Identifier: Apache-2.0 */
/* The content ciphers of crypto.h. */
#include "daemon/base/crypto-internal.h"
#include <limits.h>
#include <openssl/err.h>
#include <string.h>

#define KEY_SIZE_MAX   32
#define BLOCK_SIZE_MAX 16

struct cipher_row {
	const char *name;
	enum oid oid;
	size_t key_size;
	size_t block_size;
};

static const struct cipher_row rows[] = {
	[CIPHER_NONE] = {"none", OID_UNKNOWN, 0, 0},
	[CIPHER_DES_CBC] = {"des-cbc", OID_DES_CBC, 8, 8},
	[CIPHER_DES_EDE3_CBC] = {"des-ede3-cbc", OID_DES_EDE3_CBC, 24, 8},
	[CIPHER_AES128_CBC] = {"aes-128-cbc", OID_AES128_CBC, 16, 16},
	[CIPHER_AES192_CBC] = {"aes-192-cbc", OID_AES192_CBC, 24, 16},
	[CIPHER_AES256_CBC] = {"aes-256-cbc", OID_AES256_CBC, 32, 16},
};

static const struct cipher_row *row_of(enum cipher cipher)
{
	assert(cipher < ELEMENTS(rows));
	return &rows[cipher];
}

const char *cipher_name(enum cipher cipher)
{
	return row_of(cipher)->name;
}

enum oid cipher_oid(enum cipher cipher)
{
	return row_of(cipher)->oid;
}

size_t cipher_key_size(enum cipher cipher)
{
	return row_of(cipher)->key_size;
}

size_t cipher_block_size(enum cipher cipher)
{
	return row_of(cipher)->block_size;
}

enum cipher cipher_find_oid(enum oid oid)
{
	for (unsigned i = CIPHER_NONE + 1; i < ELEMENTS(rows); i++)
		if (rows[i].oid == oid)
			return (enum cipher)i;
	return CIPHER_NONE;
}

static void cipher_ctx_freep(EVP_CIPHER_CTX **ctx)
{
	EVP_CIPHER_CTX_free(*ctx); /* wipes the key schedule */
	ERR_clear_error();
}

/* What OpenSSL is given as the key: three times the key of single DES. */
static void key_expand(enum cipher cipher, struct span key, uint8_t ret[static KEY_SIZE_MAX])
{
	memcpy(ret, key.data, key.size);
	if (cipher == CIPHER_DES_CBC) {
		memcpy(ret + 8, key.data, 8);
		memcpy(ret + 16, key.data, 8);
	}
}

static EVP_CIPHER_CTX *cipher_begin(enum cipher cipher, struct span key, struct span iv,
				    bool encrypt)
{
	_cleanup_(cipher_ctx_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t expanded[KEY_SIZE_MAX];
	int done = 0;

	key_expand(cipher, key, expanded);
	if (ctx)
		done = EVP_CipherInit_ex2(ctx, crypto_evp_cipher(cipher), expanded, iv.data,
					  encrypt, NULL);
	wipe(expanded, sizeof(expanded));
	return done == 1 ? TAKE_PTR(ctx) : NULL;
}

static bool sizes_fit(enum cipher cipher, struct span key, struct span iv, struct span data)
{
	return cipher != CIPHER_NONE && key.size == cipher_key_size(cipher) &&
	       iv.size == cipher_block_size(cipher) && data.size <= INT_MAX - 2 * BLOCK_SIZE_MAX;
}

/* Both directions; -EBADMSG where the last block does not end as it should. */
static int cipher_run(EVP_CIPHER_CTX *ctx, struct span data, struct bytes *ret)
{
	_cleanup_(bytes_done) struct bytes out = {0};
	int first = 0;
	int last = 0;
	int r = bytes_new(data.size + BLOCK_SIZE_MAX, &out);

	if (r < 0)
		return r;
	if ((data.size &&
	     EVP_CipherUpdate(ctx, out.data, &first, data.data, (int)data.size) != 1) ||
	    EVP_CipherFinal_ex(ctx, out.data + first, &last) != 1) {
		wipe(out.data, out.size);
		return -EBADMSG;
	}
	out.size = (size_t)first + (size_t)last;
	*ret = TAKE_STRUCT(out);
	return 0;
}

int cipher_encrypt(enum cipher cipher, struct span key, struct span iv, struct span plain,
		   struct bytes *ret)
{
	_cleanup_(cipher_ctx_freep) EVP_CIPHER_CTX *ctx = NULL;

	if (!sizes_fit(cipher, key, iv, plain))
		return -EINVAL;
	ctx = cipher_begin(cipher, key, iv, true);
	return ctx ? cipher_run(ctx, plain, ret) : -ENOMEM;
}

int cipher_decrypt(enum cipher cipher, struct span key, struct span iv, struct span sealed,
		   struct bytes *ret)
{
	_cleanup_(cipher_ctx_freep) EVP_CIPHER_CTX *ctx = NULL;

	if (!sizes_fit(cipher, key, iv, sealed) || sealed.size == 0 ||
	    sealed.size % cipher_block_size(cipher))
		return -EBADMSG;
	ctx = cipher_begin(cipher, key, iv, false);
	return ctx ? cipher_run(ctx, sealed, ret) : -ENOMEM;
}
