/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/provider/words.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <string.h>

/* SHA2-256, SHA-256, sha256, 2.16.840.1.101.3.4.2.1: libcrypto knows its aliases. */
static enum digest find_digest(const struct prov *prov, const char *name)
{
	enum digest found = DIGEST_NONE;
	EVP_MD *md;

	ERR_set_mark();
	md = EVP_MD_fetch(prov->context, name, NULL);
	ERR_pop_to_mark();
	for (enum digest i = DIGEST_MD5; md && i <= DIGEST_SHA512; i++)
		if (EVP_MD_is_a(md, digest_name(i)))
			found = i;
	EVP_MD_free(md);
	return found;
}

int prov_read_digest(const struct prov *prov, const OSSL_PARAM *param, enum digest *ret)
{
	const char *name = NULL;

	if (!OSSL_PARAM_get_utf8_string_ptr(param, &name))
		return 0;
	*ret = find_digest(prov, name);
	if (*ret == DIGEST_NONE)
		return prov_raise(prov, PROV_DIGEST, "%s: SHA-256, SHA-384, SHA-512 are", name);
	return 1;
}

int prov_write_digest(OSSL_PARAM *param, enum digest digest)
{
	return OSSL_PARAM_set_utf8_string(param, digest == DIGEST_NONE ? "" : digest_name(digest));
}

static const struct padding_row {
	enum rsa_padding padding;
	int number;
	const char *word;
} paddings[] = {
	{RSA_PADDING_PKCS1, RSA_PKCS1_PADDING, OSSL_PKEY_RSA_PAD_MODE_PKCSV15},
	{RSA_PADDING_PSS, RSA_PKCS1_PSS_PADDING, OSSL_PKEY_RSA_PAD_MODE_PSS},
	{RSA_PADDING_OAEP, RSA_PKCS1_OAEP_PADDING, OSSL_PKEY_RSA_PAD_MODE_OAEP},
};

static bool is_of(const OSSL_PARAM *param, const struct padding_row *row)
{
	const char *word = NULL;
	int number = 0;

	if (param->data_type == OSSL_PARAM_UTF8_STRING)
		return OSSL_PARAM_get_utf8_string_ptr(param, &word) && strcmp(word, row->word) == 0;
	return OSSL_PARAM_get_int(param, &number) && number == row->number;
}

int prov_read_padding(const struct prov *prov, const OSSL_PARAM *param, enum rsa_padding *ret)
{
	for (size_t i = 0; i < ELEMENTS(paddings); i++)
		if (is_of(param, &paddings[i])) {
			*ret = paddings[i].padding;
			return 1;
		}
	return prov_raise(prov, PROV_PADDING,
			  "PKCS#1 v1.5 and PSS sign, PKCS#1 v1.5 and OAEP decrypt");
}

int prov_write_padding(OSSL_PARAM *param, enum rsa_padding padding)
{
	for (size_t i = 0; i < ELEMENTS(paddings); i++)
		if (paddings[i].padding == padding)
			return param->data_type == OSSL_PARAM_UTF8_STRING
				       ? OSSL_PARAM_set_utf8_string(param, paddings[i].word)
				       : OSSL_PARAM_set_int(param, paddings[i].number);
	return 0;
}

int prov_set_params(void *context, const OSSL_PARAM params[], const struct prov_setter *rows,
		    size_t n)
{
	for (size_t i = 0; params && i < n; i++) {
		const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, rows[i].key);

		if (param && !rows[i].set(context, param))
			return 0;
	}
	return 1;
}

int prov_get_params(const void *context, OSSL_PARAM params[], const struct prov_getter *rows,
		    size_t n)
{
	for (size_t i = 0; params && i < n; i++) {
		OSSL_PARAM *param = OSSL_PARAM_locate(params, rows[i].key);

		if (param && !rows[i].get(context, param))
			return 0;
	}
	return 1;
}
