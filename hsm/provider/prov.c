/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/provider/prov.h"

#include "daemon/base/bytes.h"
#include "daemon/base/crypto.h"
#include "daemon/base/text.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#define SOCKET_PATH    "/run/claviger/key.sock"
#define TIMEOUT_S      10
#define TIMEOUT_MOST_S 3600

/* Word for word what OpenSSL's default provider calls RSA: its names are one algorithm in libcrypto
 * only if they are the same set. */
#define RSA_NAMES "RSA:rsaEncryption:1.2.840.113549.1.1.1"
#define OURS	  "provider=claviger"

static const OSSL_ALGORITHM keys[] = {
	{RSA_NAMES, OURS, prov_key_functions, "an RSA key that claviger keeps"},
	{0},
};
static const OSSL_ALGORITHM signatures[] = {
	{RSA_NAMES, OURS, prov_sign_functions, "RSA signatures, made on the token"},
	{0},
};
static const OSSL_ALGORITHM ciphers[] = {
	{RSA_NAMES, OURS, prov_cipher_functions, "RSA decryption, done on the token"},
	{0},
};
static const OSSL_ALGORITHM stores[] = {
	{"claviger", OURS, prov_store_functions, "claviger://NAME"},
	{0},
};
/* From PEM to DER and on to the key, by two decoders: where a program's file is opened as a store,
 * libcrypto goes by DER alone. */
static const OSSL_ALGORITHM decoders[] = {
	{"DER", OURS ",input=pem", prov_pem_decoder_functions, "PEM key reference"},
	{"RSA", OURS ",input=der,structure=type-specific", prov_der_decoder_functions,
	 "DER key reference"},
	{0},
};

static const struct {
	int operation;
	const OSSL_ALGORITHM *algorithms;
} offers[] = {
	{OSSL_OP_KEYMGMT, keys}, {OSSL_OP_SIGNATURE, signatures}, {OSSL_OP_ASYM_CIPHER, ciphers},
	{OSSL_OP_STORE, stores}, {OSSL_OP_DECODER, decoders},
};

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_store)
{
	(void)context;
	*no_store = 0;
	for (size_t i = 0; i < ELEMENTS(offers); i++)
		if (offers[i].operation == operation)
			return offers[i].algorithms;
	return NULL;
}

static const OSSL_ITEM *reason_strings(void *context)
{
	static const OSSL_ITEM items[] = {
		{PROV_AWAY, (void *)"key service not reachable"},
		{PROV_LATE, (void *)"key service gave no answer in time"},
		{PROV_LOST, (void *)"key service went away"},
		{PROV_LATER, (void *)"key can't be used now"},
		{PROV_REFUSED, (void *)"refused by the rules for this key"},
		{PROV_NOT_THERE, (void *)"no such key"},
		{PROV_IMPOSSIBLE, (void *)"impossible with this key"},
		{PROV_FAULT, (void *)"key service failed"},
		{PROV_TOO_LONG, (void *)"too long"},
		{PROV_DIGEST, (void *)"digest not supported"},
		{PROV_PADDING, (void *)"padding not supported"},
		{PROV_PUBLIC_ONLY, (void *)"not a private key"},
		{PROV_REFERENCE, (void *)"damaged key reference"},
		{PROV_URI, (void *)"not a claviger URI"},
		{PROV_SETTING, (void *)"bad setting in openssl.cnf"},
		{0, NULL},
	};

	(void)context;
	return items;
}

int prov_raise_at(const struct prov *prov, enum prov_reason reason, const char *file, int line,
		  const char *function, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	prov->new_error(prov->core);
	prov->set_error_debug(prov->core, file, line, function);
	prov->vset_error(prov->core, (uint32_t)reason, format, arguments);
	va_end(arguments);
	return 0;
}

static enum prov_reason reason_of(int result)
{
	static const struct {
		int result;
		enum prov_reason reason;
	} rows[] = {
		{KEY_LATER, PROV_LATER},	 {KEY_REFUSED, PROV_REFUSED},
		{KEY_NOT_THERE, PROV_NOT_THERE}, {KEY_SERVICE_AWAY, PROV_AWAY},
		{KEY_SERVICE_LATE, PROV_LATE},	 {KEY_SERVICE_LOST, PROV_LOST},
		{-EINVAL, PROV_IMPOSSIBLE},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].result == result)
			return rows[i].reason;
	return PROV_FAULT;
}

/* A name comes from a file or a URI, and where errors are shown may be a terminal. */
int prov_raise_result(const struct prov *prov, int result, const char *name,
		      const char *explanation)
{
	_cleanup_(buffer_done) struct buffer safe = {0};
	_cleanup_(freep) char *text = NULL;

	if (!explanation && result < 0)
		explanation = strerrordesc_np(-result);
	text_append_escaped(&safe, span_of_text(name));
	if (buffer_take_text(&safe, &text) < 0)
		return prov_raise(prov, PROV_FAULT, "out of memory");
	return prov_raise(prov, reason_of(result), "%s%s%s", text, explanation ? ": " : "",
			  explanation ? explanation : "");
}

static const OSSL_PARAM *gettable_params(void *context)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, NULL, 0),
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, NULL, 0),
		OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_BUILDINFO, NULL, 0),
		OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, NULL),
		OSSL_PARAM_END,
	};

	(void)context;
	return params;
}

static int get_params(void *context, OSSL_PARAM params[])
{
	static const struct {
		const char *key, *value;
	} texts[] = {
		{OSSL_PROV_PARAM_NAME, "claviger"},
		{OSSL_PROV_PARAM_VERSION, CLAVIGER_VERSION},
		{OSSL_PROV_PARAM_BUILDINFO, CLAVIGER_VERSION},
	};
	OSSL_PARAM *param;

	(void)context;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		param = OSSL_PARAM_locate(params, texts[i].key);
		if (param && !OSSL_PARAM_set_utf8_ptr(param, texts[i].value))
			return 0;
	}
	param = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);
	return !param || OSSL_PARAM_set_int(param, 1);
}

static void teardown(void *context)
{
	struct prov *prov = context;

	key_service_unref(prov->service);
	free(prov->bad_setting);
	if (prov->context)
		crypto_detach();
	free(prov);
}

/* What libcrypto offers and we use. All of it is there since 3.0. */
static const struct {
	int id;
	size_t offset; /* of the pointer in struct prov */
} wanted[] = {
	{OSSL_FUNC_CORE_GET_PARAMS, offsetof(struct prov, get_params)},
	{OSSL_FUNC_CORE_NEW_ERROR, offsetof(struct prov, new_error)},
	{OSSL_FUNC_CORE_SET_ERROR_DEBUG, offsetof(struct prov, set_error_debug)},
	{OSSL_FUNC_CORE_VSET_ERROR, offsetof(struct prov, vset_error)},
	{OSSL_FUNC_BIO_READ_EX, offsetof(struct prov, bio_read_ex)},
	{OSSL_FUNC_BIO_GETS, offsetof(struct prov, bio_gets)},
};

/* True where all are there: nothing can be told to a program that offers no errors. */
static bool take_offered(struct prov *prov, const OSSL_DISPATCH *offered)
{
	size_t found = 0;

	for (; offered->function_id; offered++)
		for (size_t i = 0; i < ELEMENTS(wanted); i++) {
			if (wanted[i].id != offered->function_id)
				continue;
			memcpy((char *)prov + wanted[i].offset, &offered->function,
			       sizeof(offered->function));
			found++;
		}
	return found == ELEMENTS(wanted);
}

_printf_(2, 3) static int keep_bad_setting(struct prov *prov, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&prov->bad_setting, format, arguments);
	va_end(arguments);
	if (length < 0)
		prov->bad_setting = NULL;
	return length < 0 ? -ENOMEM : 0;
}

/* The section of openssl.cnf that activates us: socket = PATH, timeout = SECONDS. 0 or -errno. */
static int configure(struct prov *prov)
{
	const char *path = SOCKET_PATH, *timeout = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_ptr("socket", (char **)&path, 0),
		OSSL_PARAM_construct_utf8_ptr("timeout", (char **)&timeout, 0),
		OSSL_PARAM_construct_end(),
	};
	int64_t timeout_s = TIMEOUT_S;
	int r;

	if (!prov->get_params(prov->core, params))
		return -EIO;
	if (timeout && text_read_number(span_of_text(timeout), 1, TIMEOUT_MOST_S, &timeout_s) < 0)
		return keep_bad_setting(prov, "timeout = %s: seconds, from 1 to %d", timeout,
					TIMEOUT_MOST_S);
	r = key_service_new(path, timeout_s * 1000, &prov->service);
	return r == -EINVAL ? keep_bad_setting(prov, "socket = %s: the path of a socket", path) : r;
}

struct key_service *prov_service(const struct prov *prov)
{
	if (!prov->service)
		prov_raise(prov, PROV_SETTING, "%s", prov->bad_setting);
	return prov->service;
}

int OSSL_provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *offered,
		       const OSSL_DISPATCH **ret_functions, void **ret_context)
{
	static const OSSL_DISPATCH functions[] = {
		{OSSL_FUNC_PROVIDER_TEARDOWN, (prov_function *)teardown},
		{OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (prov_function *)gettable_params},
		{OSSL_FUNC_PROVIDER_GET_PARAMS, (prov_function *)get_params},
		{OSSL_FUNC_PROVIDER_QUERY_OPERATION, (prov_function *)query},
		{OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, (prov_function *)reason_strings},
		{0, NULL},
	};
	struct prov *prov = calloc(1, sizeof(*prov));

	if (!prov)
		return 0;
	prov->core = core;
	/* A web server can't be asked for locked memory; what is opened for it lies in its own. */
	secret_allow_unlocked();
	if (!take_offered(prov, offered) || crypto_attach(&prov->context) < 0 ||
	    configure(prov) < 0) {
		teardown(prov);
		return 0;
	}
	*ret_functions = functions;
	*ret_context = prov;
	return 1;
}
