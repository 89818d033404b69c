/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claviger://NAME, through OSSL_STORE: one key, the one that goes by this name now. The key service
 * is asked for its public half when the store is opened.
 *
 * claviger:NAME opens, too, but there libcrypto looks for a file of that name first.
 * Source: provider-storemgmt(7).
 */
#include "hsm/provider/key.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/store.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "claviger:"

struct store {
	struct prov_key *key; /* NULL once it was handed over */
};

static int find(const struct prov *prov, const char *name, struct prov_key **ret)
{
	_cleanup_(bytes_done) struct bytes spki = {0};
	_cleanup_(freep) char *reason = NULL;
	struct key_service *service = prov_service(prov);
	int r;

	if (!service)
		return 0;
	r = key_service_find(service, name, &spki, &reason);
	if (r != 0)
		return prov_raise_result(prov, r, name, reason);
	*ret = prov_key_new(prov, name, span_of(spki));
	return *ret != NULL;
}

/* What stands behind the scheme and at most two slashes, or NULL. */
static const char *name_in(const char *uri)
{
	size_t scheme = strlen(SCHEME);

	if (strncmp(uri, SCHEME, scheme) != 0)
		return NULL;
	uri += scheme;
	if (strncmp(uri, "//", 2) == 0)
		uri += 2;
	return *uri && *uri != '/' ? uri : NULL;
}

static void *open_store(void *provider, const char *uri)
{
	const struct prov *prov = provider;
	const char *name = name_in(uri);
	struct store *store;

	if (!name) {
		prov_raise(prov, PROV_URI, "%s: claviger://NAME, of a trustpoint or a key", uri);
		return NULL;
	}
	store = calloc(1, sizeof(*store));
	if (store && find(prov, name, &store->key))
		return store;
	free(store);
	return NULL;
}

/* What else is expected than a key libcrypto finds missing by itself. */
static int set_params(void *context, const OSSL_PARAM params[])
{
	(void)context, (void)params;
	return 1;
}

static const OSSL_PARAM *settable_params(void *provider)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, NULL),
		OSSL_PARAM_utf8_string(OSSL_STORE_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provider;
	return params;
}

static int load(void *context, OSSL_CALLBACK *callback, void *argument,
		OSSL_PASSPHRASE_CALLBACK *ask, void *ask_argument)
{
	struct store *store = context;

	(void)ask, (void)ask_argument;
	return store->key && prov_key_deliver(TAKE_PTR(store->key), callback, argument);
}

static int at_end(void *context)
{
	const struct store *store = context;

	return !store->key;
}

static int close_store(void *context)
{
	struct store *store = context;

	prov_key_unref(store->key);
	free(store);
	return 1;
}

const OSSL_DISPATCH prov_store_functions[] = {
	{OSSL_FUNC_STORE_OPEN, (prov_function *)open_store},
	{OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, (prov_function *)settable_params},
	{OSSL_FUNC_STORE_SET_CTX_PARAMS, (prov_function *)set_params},
	{OSSL_FUNC_STORE_LOAD, (prov_function *)load},
	{OSSL_FUNC_STORE_EOF, (prov_function *)at_end},
	{OSSL_FUNC_STORE_CLOSE, (prov_function *)close_store},
	{0, NULL},
};
