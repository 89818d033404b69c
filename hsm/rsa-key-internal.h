/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the rsa-key*.c files alone. */

#include "daemon/base/crypto.h"
#include "hsm/cryptoki.h"
#include "hsm/rsa-key.h"

/* The private key's handle in this session: remembered, or found and checked against the public
 * key. 0, HSM_RSA_KEY_ABSENT, or -errno. */
_checked_ int rsa_key_locate(struct hsm_session *session, const struct hsm_rsa_key *key,
			     CK_OBJECT_HANDLE *ret);
/* FULL, UNABLE, READ_ONLY for the errors that mean these, else @error itself. */
_checked_ int rsa_key_outcome(int error);

/* How a private key came to be on the token, and whether it may leave. */
enum rsa_key_birth {
	RSA_KEY_MADE_TO_STAY = 1,
	RSA_KEY_MADE_TO_LEAVE = 2,
	RSA_KEY_CARRIED_TO_STAY = 4,
	RSA_KEY_CARRIED_TO_LEAVE = 8,
	RSA_KEY_MADE_TO_WRAP = 16,
	RSA_KEY_CARRIED_TO_WRAP = 32,
};
/* Whether the token says of the private key what was ordered. 0; HSM_RSA_KEY_UNFIT with the reason,
 * borrowed for ever; -errno. */
_checked_ int rsa_key_check_promises(struct hsm_session *session, CK_OBJECT_HANDLE private,
				     enum rsa_key_birth birth, const char **ret_why);
/* The public half, which goes onto a token beside a private key that is carried there. 0, -errno.
 */
_checked_ int rsa_key_create_public(struct hsm_session *session, const struct hsm_rsa_order *order,
				    struct span modulus, struct span exponent,
				    CK_OBJECT_HANDLE *ret);
/* Best effort, of a pair that has no charter and is used by nobody. */
void rsa_key_remove_pair(struct hsm_session *session, CK_OBJECT_HANDLE public,
			 CK_OBJECT_HANDLE private);

/*
 * Begins an operation of the private key: @operation is CKF_SIGN or CKF_DECRYPT.
 * 0 with it active; -EOPNOTSUPP where token or key don't do it in this way, which leaves the
 * session usable; other -errno.
 */
_checked_ int rsa_key_begin(struct hsm_session *session, CK_OBJECT_HANDLE key,
			    CK_MECHANISM *mechanism, CK_FLAGS operation);
/* A token may drop the zeros in front of a raw block, which is then @size bytes at its beginning.
 */
void rsa_key_align(struct secret *block, size_t size);

/* PKCS#11's names of a digest and its mask; false where it has none. */
struct rsa_key_digest {
	CK_MECHANISM_TYPE hash;
	CK_RSA_PKCS_MGF_TYPE mask;
};
bool rsa_key_find_digest(enum digest digest, enum digest mgf1, struct rsa_key_digest *ret);
