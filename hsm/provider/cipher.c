/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decryption, which the token does. Encryption needs no secret: OpenSSL does it with the public
 * half, by a context of its own that stands within ours and is told what we are told.
 *
 * There is no TLS key exchange by RSA here (RFC 9325 §4.1): whoever could ask for it could open
 * anything that was ever encrypted to the key. Source: provider-asym_cipher(7).
 */
#include "daemon/base/rsa-scheme.h"
#include "hsm/provider/key.h"
#include "hsm/provider/words.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

struct prov_cipher {
	const struct prov *prov;
	struct prov_key *key;
	enum rsa_padding padding;
	enum digest digest; /* of OAEP; SHA-1 unless it is told (RFC 8017 §A.2.1) */
	enum digest mgf1;   /* DIGEST_NONE: as the digest */
	struct bytes label;
	EVP_PKEY_CTX *encrypt; /* while it encrypts */
};

static void *new_context(void *prov)
{
	struct prov_cipher *cipher = calloc(1, sizeof(*cipher));

	if (!cipher)
		return NULL;
	cipher->prov = prov;
	cipher->padding = RSA_PADDING_PKCS1;
	cipher->digest = DIGEST_SHA1;
	return cipher;
}

static void free_context(void *context)
{
	struct prov_cipher *cipher = context;

	if (!cipher)
		return;
	EVP_PKEY_CTX_free(cipher->encrypt);
	prov_key_unref(cipher->key);
	bytes_done(&cipher->label);
	free(cipher);
}

static void *duplicate_context(void *context)
{
	const struct prov_cipher *from = context;
	struct prov_cipher *cipher = calloc(1, sizeof(*cipher));
	int r;

	if (!cipher)
		return NULL;
	*cipher = *from;
	prov_key_ref(cipher->key);
	cipher->label = (struct bytes){0};
	cipher->encrypt = from->encrypt ? EVP_PKEY_CTX_dup(from->encrypt) : NULL;
	r = from->label.size ? bytes_copy(span_of(from->label), &cipher->label) : 0;
	if (r == 0 && !cipher->encrypt == !from->encrypt)
		return cipher;
	free_context(cipher);
	return NULL;
}

static int set_padding(void *context, const OSSL_PARAM *param)
{
	struct prov_cipher *cipher = context;

	return prov_read_padding(cipher->prov, param, &cipher->padding);
}

static int set_digest(void *context, const OSSL_PARAM *param)
{
	struct prov_cipher *cipher = context;

	return prov_read_digest(cipher->prov, param, &cipher->digest);
}

static int set_mgf1(void *context, const OSSL_PARAM *param)
{
	struct prov_cipher *cipher = context;

	return prov_read_digest(cipher->prov, param, &cipher->mgf1);
}

static int set_label(void *context, const OSSL_PARAM *param)
{
	struct prov_cipher *cipher = context;
	struct bytes label = {0};
	const void *data = NULL;
	size_t size = 0;

	if (!OSSL_PARAM_get_octet_string_ptr(param, &data, &size) ||
	    (size && bytes_copy(SPAN(data, size), &label) < 0))
		return 0;
	bytes_done(&cipher->label);
	cipher->label = label;
	return 1;
}

static int set_params(void *context, const OSSL_PARAM params[])
{
	static const struct prov_setter rows[] = {
		{OSSL_ASYM_CIPHER_PARAM_PAD_MODE, set_padding},
		{OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, set_digest},
		{OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, set_mgf1},
		{OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, set_label},
	};
	struct prov_cipher *cipher = context;

	if (cipher->encrypt)
		return EVP_PKEY_CTX_set_params(cipher->encrypt, params) == 1;
	return prov_set_params(cipher, params, rows, ELEMENTS(rows));
}

static const OSSL_PARAM *settable_params(void *context, void *prov)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST_PROPS, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST_PROPS, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)context, (void)prov;
	return params;
}

static int get_padding(const void *context, OSSL_PARAM *param)
{
	const struct prov_cipher *cipher = context;

	return prov_write_padding(param, cipher->padding);
}

static int get_digest(const void *context, OSSL_PARAM *param)
{
	const struct prov_cipher *cipher = context;

	return prov_write_digest(param, cipher->digest);
}

static enum digest mask_digest(const struct prov_cipher *cipher)
{
	return cipher->mgf1 == DIGEST_NONE ? cipher->digest : cipher->mgf1;
}

static int get_mgf1(const void *context, OSSL_PARAM *param)
{
	return prov_write_digest(param, mask_digest(context));
}

static int get_label(const void *context, OSSL_PARAM *param)
{
	const struct prov_cipher *cipher = context;

	return OSSL_PARAM_set_octet_ptr(param, cipher->label.data, cipher->label.size);
}

static int get_params(void *context, OSSL_PARAM params[])
{
	static const struct prov_getter rows[] = {
		{OSSL_ASYM_CIPHER_PARAM_PAD_MODE, get_padding},
		{OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, get_digest},
		{OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, get_mgf1},
		{OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, get_label},
	};
	struct prov_cipher *cipher = context;

	if (cipher->encrypt)
		return EVP_PKEY_CTX_get_params(cipher->encrypt, params) == 1;
	return prov_get_params(cipher, params, rows, ELEMENTS(rows));
}

static const OSSL_PARAM *gettable_params(void *context, void *prov)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_octet_ptr(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)context, (void)prov;
	return params;
}

static int encrypt_init(void *context, void *key, const OSSL_PARAM params[])
{
	struct prov_cipher *cipher = context;

	if (!prov_key_hold(key, &cipher->key))
		return 0;
	EVP_PKEY_CTX_free(cipher->encrypt);
	cipher->encrypt =
		EVP_PKEY_CTX_new_from_pkey(cipher->prov->context, cipher->key->public_half, NULL);
	return cipher->encrypt && EVP_PKEY_encrypt_init_ex(cipher->encrypt, params) == 1;
}

static int encrypt(void *context, unsigned char *ret, size_t *ret_size, size_t room,
		   const unsigned char *plain, size_t size)
{
	struct prov_cipher *cipher = context;

	*ret_size = room;
	return cipher->encrypt &&
	       EVP_PKEY_encrypt(cipher->encrypt, ret, ret_size, plain, size) == 1;
}

static int decrypt_init(void *context, void *key, const OSSL_PARAM params[])
{
	struct prov_cipher *cipher = context;

	EVP_PKEY_CTX_free(TAKE_PTR(cipher->encrypt));
	return prov_key_hold(key, &cipher->key) && prov_key_is_private(cipher->key) &&
	       set_params(cipher, params);
}

static int open_with_key(const struct prov_cipher *cipher, struct span encrypted,
			 struct secret *ret)
{
	bool is_oaep = cipher->padding == RSA_PADDING_OAEP;
	struct rsa_opening opening = {
		.padding = cipher->padding,
		.digest = is_oaep ? cipher->digest : DIGEST_NONE,
		.mgf1 = is_oaep ? mask_digest(cipher) : DIGEST_NONE,
		.label = is_oaep ? span_of(cipher->label) : (struct span){0},
	};
	_cleanup_(freep) char *reason = NULL;
	int r = key_open(cipher->key->key, &opening, encrypted, ret, &reason);

	return r == 0 || prov_raise_result(cipher->prov, r, cipher->key->name, reason);
}

static int decrypt(void *context, unsigned char *ret, size_t *ret_size, size_t room,
		   const unsigned char *encrypted, size_t size)
{
	const struct prov_cipher *cipher = context;
	_cleanup_(secret_done) struct secret content = {0};

	if (!cipher->key || !cipher->key->key)
		return 0;
	*ret_size = prov_key_bytes(cipher->key);
	if (!ret)
		return 1;
	if (!open_with_key(cipher, SPAN(encrypted, size), &content))
		return 0;
	if (content.size > room)
		return prov_raise(cipher->prov, PROV_TOO_LONG, "what was encrypted");
	if (content.size)
		memcpy(ret, content.data, content.size);
	*ret_size = content.size;
	return 1;
}

const OSSL_DISPATCH prov_cipher_functions[] = {
	{OSSL_FUNC_ASYM_CIPHER_NEWCTX, (prov_function *)new_context},
	{OSSL_FUNC_ASYM_CIPHER_FREECTX, (prov_function *)free_context},
	{OSSL_FUNC_ASYM_CIPHER_DUPCTX, (prov_function *)duplicate_context},
	{OSSL_FUNC_ASYM_CIPHER_ENCRYPT_INIT, (prov_function *)encrypt_init},
	{OSSL_FUNC_ASYM_CIPHER_ENCRYPT, (prov_function *)encrypt},
	{OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, (prov_function *)decrypt_init},
	{OSSL_FUNC_ASYM_CIPHER_DECRYPT, (prov_function *)decrypt},
	{OSSL_FUNC_ASYM_CIPHER_SET_CTX_PARAMS, (prov_function *)set_params},
	{OSSL_FUNC_ASYM_CIPHER_SETTABLE_CTX_PARAMS, (prov_function *)settable_params},
	{OSSL_FUNC_ASYM_CIPHER_GET_CTX_PARAMS, (prov_function *)get_params},
	{OSSL_FUNC_ASYM_CIPHER_GETTABLE_CTX_PARAMS, (prov_function *)gettable_params},
	{0, NULL},
};
