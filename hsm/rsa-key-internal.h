/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the rsa-key*.c files alone. */

#include "hsm/cryptoki.h"
#include "hsm/rsa-key.h"

/* The private key's handle in this session: remembered, or found and checked against the public
 * key. 0, HSM_RSA_KEY_ABSENT, or -errno. */
_checked_ int rsa_key_locate(struct hsm_session *session, const struct hsm_rsa_key *key,
			     CK_OBJECT_HANDLE *ret);
/* FULL, UNABLE, READ_ONLY for the errors that mean these, else @error itself. */
_checked_ int rsa_key_outcome(int error);
