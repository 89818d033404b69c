/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * RSA keys carried onto a token and off it, as an operator orders it. A key leaves only where it
 * was made or brought extractable, and then wrapped under a key of one moment; what it is wrapped
 * in is opened in locked memory and nowhere else. Functions block and fail as those of rsa-key.h.
 */

#include "hsm/rsa-key.h"

/* The numbers of RFC 8017 §A.1.2, big-endian; all but the first two secret. */
struct hsm_rsa_parts {
	struct span modulus, exponent, private_exponent;
	struct span prime_1, prime_2, exponent_1, exponent_2, coefficient;
};

/*
 * Puts a key pair on the token: private, sensitive, extractable only where @order says so.
 * @order's bits are not looked at, nor the numbers: see token/rsa-secret.h.
 *
 * @session   writable
 * @ret_spki  DER SubjectPublicKeyInfo; the caller's
 * Returns 0, FULL, UNABLE, UNFIT with *@ret_why, READ_ONLY, KEPT, or -errno.
 */
_checked_ int hsm_rsa_key_import(struct hsm_session *session, const struct hsm_rsa_order *order,
				 const struct hsm_rsa_parts *parts, struct bytes *ret_spki,
				 const char **ret_why);

/* Whether the token can give out a key at all (CKM_AES_KEY_WRAP_PAD, RFC 5649). */
bool hsm_rsa_key_can_leave(struct hsm_session *session);
/* The private key as PKCS#8 PrivateKeyInfo (RFC 5208). 0, ABSENT, KEPT, or -errno. */
_checked_ int hsm_rsa_key_extract(struct hsm_session *session, const struct hsm_rsa_key *key,
				  struct secret *ret);
/* Takes from the private key for ever that it can leave. @session: writable. 0, ABSENT, UNABLE,
 * READ_ONLY, or -errno. */
_checked_ int hsm_rsa_key_seal(struct hsm_session *session, const struct hsm_rsa_key *key);
