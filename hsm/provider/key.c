/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/provider/key.h"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static void free_context(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

static struct prov_key *new_empty(const struct prov *prov)
{
	struct prov_key *key = calloc(1, sizeof(*key));

	if (!key)
		return NULL;
	key->prov = prov;
	atomic_init(&key->references, 1);
	return key;
}

struct prov_key *prov_key_ref(struct prov_key *key)
{
	if (key)
		atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
	return key;
}

void prov_key_unref(struct prov_key *key)
{
	if (!key || atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) != 1)
		return;
	EVP_PKEY_free(key->public_half);
	key_unref(key->key);
	free(key->name);
	free(key);
}

void prov_key_unrefp(struct prov_key **key)
{
	prov_key_unref(*key);
}

/* What OpenSSL has to say of damaged bytes is said again, better, by who called. */
static EVP_PKEY *read_public_half(const struct prov *prov, struct span spki)
{
	const uint8_t *at = spki.data;
	EVP_PKEY *public_half;

	ERR_set_mark();
	public_half = d2i_PUBKEY_ex(NULL, &at, (long)spki.size, prov->context, NULL);
	if (public_half && (at != spki.data + spki.size || !EVP_PKEY_is_a(public_half, "RSA"))) {
		EVP_PKEY_free(public_half);
		public_half = NULL;
	}
	ERR_pop_to_mark();
	return public_half;
}

struct prov_key *prov_key_new(const struct prov *prov, const char *name, struct span spki)
{
	_cleanup_(prov_key_unrefp) struct prov_key *key = NULL;
	struct key_service *service = prov_service(prov);
	int r;

	key = service ? new_empty(prov) : NULL;
	if (!key)
		return NULL;
	key->public_half = read_public_half(prov, spki);
	if (!key->public_half) {
		prov_raise(prov, PROV_REFERENCE, "its public key is none of RSA");
		return NULL;
	}
	key->name = strdup(name);
	r = key->name ? key_new_service(service, name, spki, &key->key) : -ENOMEM;
	if (r < 0) {
		prov_raise_result(prov, r, name, NULL);
		return NULL;
	}
	return TAKE_PTR(key);
}

size_t prov_key_bits(const struct prov_key *key)
{
	return (size_t)EVP_PKEY_get_bits(key->public_half);
}

size_t prov_key_bytes(const struct prov_key *key)
{
	return (size_t)EVP_PKEY_get_size(key->public_half);
}

bool prov_key_hold(struct prov_key *key, struct prov_key **held)
{
	if (key && key != *held) {
		prov_key_unref(*held);
		*held = prov_key_ref(key);
	}
	return *held && (*held)->public_half;
}

bool prov_key_is_private(const struct prov_key *key)
{
	if (!key->key)
		prov_raise(key->prov, PROV_PUBLIC_ONLY, NULL);
	return key->key;
}

/* By its address: load() below takes the key out of there. */
int prov_key_deliver(struct prov_key *key, OSSL_CALLBACK *callback, void *argument)
{
	int type = OSSL_OBJECT_PKEY;
	char name[] = "RSA";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &key, sizeof(key)),
		OSSL_PARAM_construct_end(),
	};
	int done = callback(params, argument);

	prov_key_unref(key);
	return done;
}

static void *load(const void *reference, size_t size)
{
	struct prov_key *key;

	if (size != sizeof(key))
		return NULL;
	memcpy(&key, reference, sizeof(key));
	memset((void *)(uintptr_t)reference, 0, sizeof(key));
	return key;
}

static void *new_for_import(void *context)
{
	return new_empty(context);
}

static void release(void *key)
{
	prov_key_unref(key);
}

static void *duplicate(const void *key, int selection)
{
	(void)selection;
	return prov_key_ref((struct prov_key *)(uintptr_t)key);
}

static int has(const void *object, int selection)
{
	const struct prov_key *key = object;

	if (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY && !key->public_half)
		return 0;
	return !(selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) || key->key;
}

static int match(const void *a, const void *b, int selection)
{
	const struct prov_key *one = a, *other = b;

	if (!(selection & OSSL_KEYMGMT_SELECT_KEYPAIR))
		return 1;
	return one->public_half && other->public_half &&
	       EVP_PKEY_eq(one->public_half, other->public_half) == 1;
}

/* A pair can't be tested from here: the token's process does that when it makes one. */
static int validate(const void *object, int selection, int check_type)
{
	const struct prov_key *key = object;
	_cleanup_(free_context) EVP_PKEY_CTX *context = NULL;

	(void)check_type;
	if (!has(key, selection))
		return 0;
	if (!(selection & OSSL_KEYMGMT_SELECT_KEYPAIR))
		return 1;
	context = EVP_PKEY_CTX_new_from_pkey(key->prov->context, key->public_half, NULL);
	return context && EVP_PKEY_public_check(context) == 1;
}

/* Public keys alone, so that others' can be compared with ours: a private one in software is not
 * ours to hold, and whoever wants it here is told at once. */
static int import(void *object, int selection, const OSSL_PARAM params[])
{
	struct prov_key *key = object;
	_cleanup_(free_context) EVP_PKEY_CTX *context = NULL;

	if (key->public_half || selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY ||
	    !(selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY))
		return 0;
	context = EVP_PKEY_CTX_new_from_name(key->prov->context, "RSA", NULL);
	return context && EVP_PKEY_fromdata_init(context) == 1 &&
	       EVP_PKEY_fromdata(context, &key->public_half, EVP_PKEY_PUBLIC_KEY,
				 (OSSL_PARAM *)(uintptr_t)params) == 1;
}

/*
 * libcrypto asks the default provider first for each private operation, and gives it the key by
 * exporting all of it; only where that fails does it come to us. So there is no half answer: who
 * wants the private half, too, gets nothing at all.
 */
static int export(void *object, int selection, OSSL_CALLBACK *callback, void *argument)
{
	const struct prov_key *key = object;

	if (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY ||
	    !(selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) || !key->public_half)
		return 0;
	return EVP_PKEY_export(key->public_half, EVP_PKEY_PUBLIC_KEY, callback, argument);
}

static const OSSL_PARAM *public_types(int selection)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
		OSSL_PARAM_END,
	};

	return selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY ? params : NULL;
}

static int get_params(void *object, OSSL_PARAM params[])
{
	const struct prov_key *key = object;

	return key->public_half && EVP_PKEY_get_params(key->public_half, params) == 1;
}

/* No mandatory digest among them: the key takes any, as plain RSA does. */
static const OSSL_PARAM *gettable_params(void *context)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)context;
	return params;
}

static const char *operation_name(int operation)
{
	(void)operation;
	return "RSA";
}

const OSSL_DISPATCH prov_key_functions[] = {
	{OSSL_FUNC_KEYMGMT_NEW, (prov_function *)new_for_import},
	{OSSL_FUNC_KEYMGMT_FREE, (prov_function *)release},
	{OSSL_FUNC_KEYMGMT_LOAD, (prov_function *)load},
	{OSSL_FUNC_KEYMGMT_DUP, (prov_function *)duplicate},
	{OSSL_FUNC_KEYMGMT_HAS, (prov_function *)has},
	{OSSL_FUNC_KEYMGMT_MATCH, (prov_function *)match},
	{OSSL_FUNC_KEYMGMT_VALIDATE, (prov_function *)validate},
	{OSSL_FUNC_KEYMGMT_IMPORT, (prov_function *)import},
	{OSSL_FUNC_KEYMGMT_IMPORT_TYPES, (prov_function *)public_types},
	{OSSL_FUNC_KEYMGMT_EXPORT, (prov_function *)export},
	{OSSL_FUNC_KEYMGMT_EXPORT_TYPES, (prov_function *)public_types},
	{OSSL_FUNC_KEYMGMT_GET_PARAMS, (prov_function *)get_params},
	{OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (prov_function *)gettable_params},
	{OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, (prov_function *)operation_name},
	{0, NULL},
};
