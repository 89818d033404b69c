/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One loaded claviger.so, as everything in this folder sees it: what libcrypto handed to it, the
 * way to key.sock, OpenSSL's default provider for what needs no secret, and how an error reaches
 * the program. It is made by OSSL_provider_init(), the one symbol that the module exports, and
 * lives until libcrypto tears it down; all that points to it is gone by then.
 *
 * We are a guest: nothing here logs, prints, exits, raises a signal or touches the program's own
 * library context. Source: provider(7), provider-base(7).
 */

#include "daemon/base/err.h"
#include "hsm/key/service.h"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/evp.h>

struct prov {
	const OSSL_CORE_HANDLE *core;
	OSSL_FUNC_core_get_params_fn *get_params;
	OSSL_FUNC_core_new_error_fn *new_error;
	OSSL_FUNC_core_set_error_debug_fn *set_error_debug;
	OSSL_FUNC_core_vset_error_fn *vset_error;
	OSSL_FUNC_BIO_read_ex_fn *bio_read_ex;
	OSSL_FUNC_BIO_gets_fn *bio_gets;
	OSSL_LIB_CTX *context;	     /* of crypto_attach(): public operations and digests */
	struct key_service *service; /* shared by all keys; NULL where a setting was bad */
	char *bad_setting;	     /* what is told instead of a key then */
};

/* OpenSSL's reason codes of ours; their words stand in prov.c. Programs show them: numbers are for
 * ever. */
enum prov_reason {
	PROV_AWAY = 1,
	PROV_LATE,
	PROV_LOST,
	PROV_LATER,
	PROV_REFUSED,
	PROV_NOT_THERE,
	PROV_IMPOSSIBLE,
	PROV_FAULT,
	PROV_TOO_LONG,
	PROV_DIGEST,
	PROV_PADDING,
	PROV_PUBLIC_ONLY,
	PROV_REFERENCE,
	PROV_URI,
	PROV_SETTING,
};

/* Every function of a dispatch table, as OSSL_DISPATCH holds it. */
typedef void prov_function(void);

/*
 * Puts an error on the program's queue.
 *
 * @format  what OpenSSL prints behind the reason's words; may be NULL. No secret goes into it
 * Returns 0, which is how OpenSSL's functions fail.
 */
#define prov_raise(prov, reason, ...)                                                              \
	prov_raise_at((prov), (reason), __FILE__, __LINE__, __func__, __VA_ARGS__)
_printf_(6, 7) int prov_raise_at(const struct prov *prov, enum prov_reason reason, const char *file,
				 int line, const char *function, const char *format, ...);

/*
 * The same for what a function of hsm/key returned.
 *
 * @result       not 0: an outcome or -errno
 * @name         the key's
 * @explanation  its sentence; may be NULL
 */
int prov_raise_result(const struct prov *prov, int result, const char *name,
		      const char *explanation);

/* The way to the keys, borrowed; NULL with an error where a setting keeps us from it: libcrypto has
 * no words for a provider that would not start. */
struct key_service *prov_service(const struct prov *prov);

/* The algorithms that prov.c offers; each table is at the end of the file that it names. */
extern const OSSL_DISPATCH prov_key_functions[];	 /* key.c */
extern const OSSL_DISPATCH prov_sign_functions[];	 /* sign.c */
extern const OSSL_DISPATCH prov_cipher_functions[];	 /* cipher.c */
extern const OSSL_DISPATCH prov_store_functions[];	 /* store.c */
extern const OSSL_DISPATCH prov_pem_decoder_functions[]; /* decoder.c */
extern const OSSL_DISPATCH prov_der_decoder_functions[]; /* decoder.c */

/* What libcrypto calls first. 1, or 0 with an error. */
_public_ OSSL_provider_init_fn OSSL_provider_init;
