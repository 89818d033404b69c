/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The wrapping key of a token: AES-256, under which private keys that were made wrappable leave it
 * as a backup. It is trusted, which the token's security officer alone can make it (CKA_TRUSTED,
 * PKCS#11 v2.40 §4.4): whoever has the PIN can neither wrap a key under another nor make another
 * trusted. It wraps and unwraps and does nothing else, and what it unwraps is sensitive again.
 *
 * Two tokens come to share one thus: the second makes a pair of RSA keys, whose public half the
 * first one's officer makes trusted there; the wrapping key goes under it, never in the clear, and
 * the second's officer opens it, trusted. An officer sees public objects alone (ib. §2.3), so both
 * the wrapping key and that pair are such for a moment: the one gets a private copy, the other is
 * destroyed, and where the token bears a template for what it unwraps, nobody but an officer can
 * use it.
 *
 * @label is the wrapping key's. Sessions are writable; those of an officer are of a token that
 * hsm_token_open_as_officer() opened. Functions block and fail as those of rsa-key.h; each outcome
 * comes with *@ret_why, borrowed for ever.
 */

#include "daemon/base/bytes.h"
#include "hsm/session.h"

enum hsm_wrapping_outcome {
	HSM_WRAPPING_ABSENT = 1, /* no such key is there */
	HSM_WRAPPING_UNFIT = 2,	 /* it is not as it must be */
	HSM_WRAPPING_UNABLE = 3, /* the token can't do this */
	HSM_WRAPPING_WRONG = 4,	 /* what came does not open under the key that is there */
};

/* Whether the token has a mechanism that wraps private keys and unwraps them. */
bool hsm_wrapping_is_known(struct hsm_session *session);

struct hsm_wrapped {
	const char *mechanism; /* "aes-key-wrap-pad" …; borrowed */
	struct bytes content;
};

#define HSM_WRAPPING_CHECK_SIZE 8

/*
 * Whether it is there and as it must be.
 * @ret_check  tells it from others and says nothing else of it: the start of SHA-256 of what it
 *             makes of 32 zeros, by the same mechanism the same on every token
 */
_checked_ int hsm_wrapping_key_find(struct hsm_session *session, const char *label,
				    uint8_t ret_check[static HSM_WRAPPING_CHECK_SIZE],
				    const char **ret_why);

/* Of an officer: makes a trusted one; to be hidden next. */
_checked_ int hsm_wrapping_key_make(struct hsm_session *session, const char *label,
				    const char **ret_why);
/* Makes a private copy of a trusted public one, which is then destroyed; 0 where there is none. */
_checked_ int hsm_wrapping_key_hide(struct hsm_session *session, const char *label,
				    const char **ret_why);

/* The pair under whose public half a wrapping key comes; one that was left is destroyed. */
_checked_ int hsm_transport_make(struct hsm_session *session, const char *label,
				 struct bytes *ret_spki, const char **ret_why);
/* Of an officer: makes the other token's public half trusted. */
_checked_ int hsm_transport_trust(struct hsm_session *session, const char *label, struct span spki,
				  const char **ret_why);
/* The wrapping key under that public half, which goes. */
_checked_ int hsm_wrapping_key_give(struct hsm_session *session, const char *label,
				    struct span spki, struct bytes *ret, const char **ret_why);
/* Of an officer: opens what was given, trusted; to be hidden next. The pair goes. */
_checked_ int hsm_wrapping_key_take(struct hsm_session *session, const char *label,
				    struct span given, const char **ret_why);
