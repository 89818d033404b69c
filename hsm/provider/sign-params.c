/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/provider/sign.h"

#include "daemon/base/text.h"
#include "hsm/provider/algorithm.h"
#include "hsm/provider/words.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

static int set_digest(void *context, const OSSL_PARAM *param)
{
	struct sign *sign = context;

	return prov_read_digest(sign->prov, param, &sign->digest);
}

static int set_mgf1(void *context, const OSSL_PARAM *param)
{
	struct sign *sign = context;

	return prov_read_digest(sign->prov, param, &sign->mgf1);
}

static int set_padding(void *context, const OSSL_PARAM *param)
{
	struct sign *sign = context;

	return prov_read_padding(sign->prov, param, &sign->padding);
}

/* A number, or a text: a number or one of OpenSSL's words. */
static int set_salt(void *context, const OSSL_PARAM *param)
{
	static const struct {
		const char *word;
		int salt;
	} words[] = {
		{OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST, SIGN_SALT_AS_DIGEST},
		{OSSL_PKEY_RSA_PSS_SALT_LEN_AUTO, SIGN_SALT_AUTO},
		{OSSL_PKEY_RSA_PSS_SALT_LEN_MAX, SIGN_SALT_MOST},
		{"auto-digestmax", SIGN_SALT_AS_DIGEST_AT_MOST},
	};
	struct sign *sign = context;
	const char *text = NULL;
	int64_t bytes;

	if (param->data_type != OSSL_PARAM_UTF8_STRING)
		return OSSL_PARAM_get_int(param, &sign->salt);
	if (!OSSL_PARAM_get_utf8_string_ptr(param, &text))
		return 0;
	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (strcmp(text, words[i].word) == 0) {
			sign->salt = words[i].salt;
			return 1;
		}
	if (text_read_number(span_of_text(text), 0, INT16_MAX, &bytes) < 0)
		return prov_raise(sign->prov, PROV_PADDING, "%s bytes of salt", text);
	sign->salt = (int)bytes;
	return 1;
}

int sign_set_digest(struct sign *sign, const char *name)
{
	OSSL_PARAM param;

	if (!name || !*name)
		return 1;
	param = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
						 (char *)(uintptr_t)name, 0);
	return set_digest(sign, &param);
}

int sign_set_params(void *context, const OSSL_PARAM params[])
{
	static const struct prov_setter rows[] = {
		{OSSL_SIGNATURE_PARAM_DIGEST, set_digest},
		{OSSL_SIGNATURE_PARAM_PAD_MODE, set_padding},
		{OSSL_SIGNATURE_PARAM_PSS_SALTLEN, set_salt},
		{OSSL_SIGNATURE_PARAM_MGF1_DIGEST, set_mgf1},
	};
	struct sign *sign = context;

	if (sign->verify)
		return EVP_PKEY_CTX_set_params(sign->verify, params) == 1;
	return prov_set_params(sign, params, rows, ELEMENTS(rows));
}

/* Properties are taken and not looked at: nobody else computes digests for us. */
const OSSL_PARAM *sign_settable_params(void *context, void *prov)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_PROPERTIES, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)context, (void)prov;
	return params;
}

/* In bytes; below 0 where the key has no room for any. Source: RFC 8017 §9.1.1. */
static long salt_bytes(const struct sign *sign)
{
	long digest = (long)digest_size(sign->digest);
	long most = ((long)prov_key_bits(sign->key) + 6) / 8 - digest - 2;

	switch (sign->salt) {
	case SIGN_SALT_AS_DIGEST:
		return digest;
	case SIGN_SALT_AUTO:
	case SIGN_SALT_MOST:
		return most;
	case SIGN_SALT_AS_DIGEST_AT_MOST:
		return digest < most ? digest : most;
	default:
		return sign->salt;
	}
}

static enum digest mask_digest(const struct sign *sign)
{
	return sign->mgf1 == DIGEST_NONE ? sign->digest : sign->mgf1;
}

int sign_scheme(const struct sign *sign, enum rsa_input input, struct rsa_scheme *ret)
{
	struct rsa_scheme scheme = {
		.padding = sign->padding, .input = input, .digest = sign->digest};
	long salt;

	if (scheme.padding == RSA_PADDING_OAEP)
		return prov_raise(sign->prov, PROV_PADDING, "OAEP signs nothing");
	if (scheme.digest == DIGEST_NONE && input == RSA_INPUT_MESSAGE)
		return prov_raise(sign->prov, PROV_DIGEST, "none is named");
	if (scheme.padding == RSA_PADDING_PSS) {
		salt = salt_bytes(sign);
		if (salt < 0)
			return prov_raise(sign->prov, PROV_PADDING, "no room for a salt");
		scheme.mgf1 = mask_digest(sign);
		scheme.salt_bytes = (unsigned)salt;
	}
	*ret = scheme;
	return 1;
}

/* Whoever asks relies on it once we return 1: 3.0 and 3.5 crash on what was left empty. */
static int get_algorithm(const void *context, OSSL_PARAM *param)
{
	const struct sign *sign = context;
	_cleanup_(bytes_done) struct bytes der = {0};
	struct rsa_scheme scheme;

	if (!sign->key || !sign_scheme(sign, RSA_INPUT_MESSAGE, &scheme))
		return 0;
	return prov_algorithm_write(&scheme, &der) == 0 &&
	       OSSL_PARAM_set_octet_string(param, der.data, der.size);
}

static int get_digest(const void *context, OSSL_PARAM *param)
{
	const struct sign *sign = context;

	return prov_write_digest(param, sign->digest);
}

static int get_mgf1(const void *context, OSSL_PARAM *param)
{
	return prov_write_digest(param, mask_digest(context));
}

static int get_padding(const void *context, OSSL_PARAM *param)
{
	const struct sign *sign = context;

	return prov_write_padding(param, sign->padding);
}

/* What will be, rather than the rule that it follows: 3.0 does not know all the rules. */
static int get_salt(const void *context, OSSL_PARAM *param)
{
	const struct sign *sign = context;
	long bytes = sign->key && sign->digest != DIGEST_NONE ? salt_bytes(sign) : sign->salt;
	char text[24];

	if (param->data_type != OSSL_PARAM_UTF8_STRING)
		return OSSL_PARAM_set_int(param, (int)bytes);
	snprintf(text, sizeof(text), "%ld", bytes);
	return OSSL_PARAM_set_utf8_string(param, text);
}

int sign_get_params(void *context, OSSL_PARAM params[])
{
	static const struct prov_getter rows[] = {
		{OSSL_SIGNATURE_PARAM_ALGORITHM_ID, get_algorithm},
		{OSSL_SIGNATURE_PARAM_DIGEST, get_digest},
		{OSSL_SIGNATURE_PARAM_PAD_MODE, get_padding},
		{OSSL_SIGNATURE_PARAM_PSS_SALTLEN, get_salt},
		{OSSL_SIGNATURE_PARAM_MGF1_DIGEST, get_mgf1},
	};
	struct sign *sign = context;

	if (sign->verify)
		return EVP_PKEY_CTX_get_params(sign->verify, params) == 1;
	return prov_get_params(sign, params, rows, ELEMENTS(rows));
}

const OSSL_PARAM *sign_gettable_params(void *context, void *prov)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)context, (void)prov;
	return params;
}
