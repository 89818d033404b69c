/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * OpenSSL's words for digests and paddings, in parameters, and ours; and tables of what a context
 * can be told and asked.
 */

#include "daemon/base/rsa-scheme.h"
#include "hsm/provider/prov.h"

/* The digest of a name in any of OpenSSL's spellings. 1, or 0 with an error. */
int prov_read_digest(const struct prov *prov, const OSSL_PARAM *param, enum digest *ret);
/* As a text; DIGEST_NONE is the empty one. 1, or 0. */
int prov_write_digest(OSSL_PARAM *param, enum digest digest);

/* Programs name a padding by OpenSSL's number or by its word. 1, or 0 with an error where it is
 * none of ours. */
int prov_read_padding(const struct prov *prov, const OSSL_PARAM *param, enum rsa_padding *ret);
/* In the form that is asked for. 1, or 0. */
int prov_write_padding(OSSL_PARAM *param, enum rsa_padding padding);

/* What a context can be told, and asked: a row for each parameter. */
struct prov_setter {
	const char *key;
	int (*set)(void *context, const OSSL_PARAM *param);
};
struct prov_getter {
	const char *key;
	int (*get)(const void *context, OSSL_PARAM *param);
};

/* Each row whose parameter is among @params (NULL: none), in the rows' order. 1, or 0 at the first
 * that fails. */
int prov_set_params(void *context, const OSSL_PARAM params[], const struct prov_setter *rows,
		    size_t n);
int prov_get_params(const void *context, OSSL_PARAM params[], const struct prov_getter *rows,
		    size_t n);
