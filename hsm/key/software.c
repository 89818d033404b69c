/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/software-internal.h"

#include <limits.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static void free_pkey(EVP_PKEY **pkey)
{
	EVP_PKEY_free(*pkey);
}

static void free_digest_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static int software_sign(struct key *key, enum digest digest, struct span to_be_signed,
			 struct span audit_head, struct bytes *ret)
{
	struct software_key *software = (struct software_key *)key;
	_cleanup_(free_digest_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	_cleanup_(bytes_done) struct bytes signature = {0};
	size_t size = (size_t)EVP_PKEY_get_size(software->pkey);
	int r;

	/* Nobody logs here. */
	(void)audit_head;
	r = bytes_new(size, &signature);
	if (r < 0)
		return r;
	if (!context ||
	    EVP_DigestSignInit_ex(context, NULL, digest_name(digest), NULL, NULL, software->pkey,
				  NULL) <= 0 ||
	    EVP_DigestSign(context, signature.data, &size, to_be_signed.data, to_be_signed.size) <=
		    0)
		return software_fault(-EIO);
	signature.size = size;
	*ret = TAKE_STRUCT(signature);
	return 0;
}

/* RSADP: the padded block, as long as the modulus. False where the ciphertext is no number below
 * the modulus, which everybody can see. */
static bool decrypt_raw(EVP_PKEY *pkey, struct span encrypted, struct secret *block)
{
	_cleanup_(software_free_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
	size_t size = block->size;

	bool done =
		encrypted.size == block->size && context && EVP_PKEY_decrypt_init(context) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) > 0 &&
		EVP_PKEY_decrypt(context, block->data, &size, encrypted.data, encrypted.size) > 0;
	ERR_clear_error();
	return done && size == block->size;
}

/* All ones where @value is zero, else zero, without a branch. */
static unsigned mask_if_zero(unsigned value)
{
	return 0U - (((value - 1U) & ~value) >> (sizeof(value) * CHAR_BIT - 1));
}

/*
 * Writes the content key, or the pretended one, without telling by time which it was: the size that
 * is wanted says where the zero byte must be, so nothing is searched for.
 * 00 02 PS 00 M, PS without a zero and of 8 bytes at least. Source: RFC 8017 §7.2.2.
 */
static void choose(struct span block, struct span pretended, uint8_t *ret)
{
	size_t size = pretended.size, zero = block.size - size - 1;
	unsigned good = mask_if_zero(block.data[0]) & mask_if_zero(block.data[1] ^ 2U) &
			mask_if_zero(block.data[zero]);

	for (size_t i = 2; i < zero; i++)
		good &= ~mask_if_zero(block.data[i]);
	for (size_t i = 0; i < size; i++)
		ret[i] = (uint8_t)((block.data[zero + 1 + i] & good) | (pretended.data[i] & ~good));
}

static int software_unwrap(struct key *key, struct span encrypted, size_t size, struct secret *ret)
{
	struct software_key *software = (struct software_key *)key;
	_cleanup_(secret_done) struct secret block = {0}, out = {0};
	uint8_t pretended[KEY_CONTENT_MOST];
	int r;

	r = secret_new((size_t)EVP_PKEY_get_size(software->pkey), &block);
	if (r < 0)
		return r;
	r = secret_new(size, &out);
	if (r < 0)
		return r;
	key_pretend(encrypted, size, pretended);
	if (decrypt_raw(software->pkey, encrypted, &block) && block.size >= size + 11)
		choose(span_of_secret(block), SPAN(pretended, size), out.data);
	else
		memcpy(out.data, pretended, size);
	*ret = TAKE_STRUCT(out);
	return 0;
}

static void software_free(struct key *key)
{
	struct software_key *software = (struct software_key *)key;

	EVP_PKEY_free(software->pkey);
	free(software);
}

static const struct key_kind software_kind = {
	.sign = software_sign,
	.unwrap = software_unwrap,
	.use = software_use,
	.open = software_open,
	.free = software_free,
};

/* Without this OpenSSL would ask the terminal. */
static int no_password(char *buffer, int size, int writing, void *userdata)
{
	(void)buffer, (void)size, (void)writing, (void)userdata;
	return -1;
}

static EVP_PKEY *read_pem(struct span pem)
{
	BIO *input = pem.size > INT_MAX ? NULL : BIO_new_mem_buf(pem.data, (int)pem.size);
	EVP_PKEY *pkey = input ? PEM_read_bio_PrivateKey(input, NULL, no_password, NULL) : NULL;

	BIO_free(input);
	return pkey;
}

static int new_of(EVP_PKEY *pkey, struct span spki, struct key **ret)
{
	struct software_key *software = calloc(1, sizeof(*software));
	int r;

	if (!software)
		return -ENOMEM;
	r = key_init(&software->key, &software_kind, spki);
	if (r < 0) {
		free(software);
		return r;
	}
	EVP_PKEY_up_ref(pkey);
	software->pkey = pkey;
	*ret = &software->key;
	return 0;
}

int key_new_software(struct span pem, struct key **ret)
{
	_cleanup_(free_pkey) EVP_PKEY *pkey = read_pem(pem);
	uint8_t *der = NULL;
	int size, r;

	if (!pkey || !EVP_PKEY_is_a(pkey, "RSA"))
		return software_fault(-EINVAL);
	size = i2d_PUBKEY(pkey, &der);
	if (size <= 0)
		return software_fault(-EINVAL);
	r = new_of(pkey, SPAN(der, (size_t)size), ret);
	OPENSSL_free(der);
	return r;
}
