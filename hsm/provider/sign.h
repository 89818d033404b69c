/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One signature under way, or one verification. A message is collected and goes to the token whole;
 * its digest goes there only where the program has nothing else.
 *
 * Verification needs no secret: OpenSSL does it with the public half, by a context of its own that
 * stands within ours and is told what we are told. Source: provider-signature(7).
 */

#include "daemon/base/rsa-scheme.h"
#include "hsm/provider/key.h"

/* What OpenSSL has instead of a number of bytes of salt. */
enum sign_salt {
	SIGN_SALT_AS_DIGEST = -1,
	SIGN_SALT_AUTO = -2, /* of a signature: the most there is room for */
	SIGN_SALT_MOST = -3,
	SIGN_SALT_AS_DIGEST_AT_MOST = -4, /* since 3.1, and its default there */
};

struct sign {
	const struct prov *prov;
	struct prov_key *key;
	enum rsa_padding padding;
	enum digest digest; /* DIGEST_NONE: not told */
	enum digest mgf1;   /* DIGEST_NONE: as the digest */
	int salt;	    /* bytes, or a sign_salt */
	struct buffer message;
	/* Of a verification: OpenSSL's context, and what it hashes, if anything. */
	EVP_PKEY_CTX *verify;
	EVP_MD_CTX *verify_message; /* owns @verify where it is there */
};

/* sign-params.c: what is told and asked. 1, or 0 with an error. */
int sign_set_params(void *sign, const OSSL_PARAM params[]);
const OSSL_PARAM *sign_settable_params(void *sign, void *prov);
int sign_get_params(void *sign, OSSL_PARAM params[]);
const OSSL_PARAM *sign_gettable_params(void *sign, void *prov);
/* By the name that libcrypto gives at the start; NULL and "" leave the digest as it is. */
int sign_set_digest(struct sign *sign, const char *name);
/* How what is handed over as @input is to be signed. 1, or 0 with an error. */
int sign_scheme(const struct sign *sign, enum rsa_input input, struct rsa_scheme *ret);

/* verify.c. The functions of a dispatch table. */
OSSL_FUNC_signature_verify_init_fn verify_init;
OSSL_FUNC_signature_verify_fn verify_digest;
OSSL_FUNC_signature_verify_recover_init_fn verify_recover_init;
OSSL_FUNC_signature_verify_recover_fn verify_recover;
OSSL_FUNC_signature_digest_verify_init_fn verify_message_init;
OSSL_FUNC_signature_digest_verify_update_fn verify_message_update;
OSSL_FUNC_signature_digest_verify_final_fn verify_message_final;
OSSL_FUNC_signature_digest_verify_fn verify_message;
/* Copies what verifies in @from; true where that worked. */
bool verify_copy(const struct sign *from, struct sign *to);
/* Ends a verification; harmless where there is none. */
void verify_done(struct sign *sign);
