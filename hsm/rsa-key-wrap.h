/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Key pairs that leave a token wrapped under its wrapping key, as a backup, and come to one that
 * shares it. Only what was made wrappable leaves, and under the trusted key alone; what comes is
 * read back and must sign before it is believed. Functions block and fail as those of rsa-key.h.
 */

#include "hsm/rsa-key.h"
#include "hsm/wrapping-key.h"

/* More than those of wrapping-key.h. */
enum hsm_wrap_outcome {
	HSM_WRAP_NO_KEY = 16, /* HSM_RSA_KEY_ABSENT */
	HSM_WRAP_KEPT = 17,   /* the key was not made wrappable */
	HSM_WRAP_OTHER = 18,  /* another key came out than the one that was named */
};

/*
 * @label    of the wrapping key
 * @ret      its content is the caller's
 * @ret_why  as in wrapping-key.h
 * 0, an outcome of either kind, or -errno.
 */
_checked_ int hsm_rsa_key_wrap(struct hsm_session *session, const struct hsm_rsa_key *key,
			       const char *label, struct hsm_wrapped *ret, const char **ret_why);

/*
 * Puts a wrapped key pair on the token: wrappable, as @order says for the rest (its bits are not
 * looked at), whose public key must be @spki: tried out in the session alone first, so that no
 * other key is ever on the token. Nothing of it stays after an outcome.
 *
 * @wrapped  a mechanism that nobody knows is HSM_WRAPPING_UNABLE
 * 0, an outcome of either kind, or -errno.
 */
_checked_ int hsm_rsa_key_unwrap_pair(struct hsm_session *session,
				      const struct hsm_rsa_order *order, struct span spki,
				      const char *label, const struct hsm_wrapped *wrapped,
				      const char **ret_why);
