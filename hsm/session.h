/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One session with a token, used by one thread: the one that opened it. It remembers the handles of
 * the private keys that it found (finding one among a thousand objects takes SoftHSM 5 ms), and the
 * public keys by which it looks at what the token signed. A session that met an error is never used
 * again, since a module may have left an operation active in it: every later use answers -ESTALE,
 * and its thread opens another.
 */

#include "daemon/base/bytes.h"

struct hsm_token;
struct hsm_session;

/* @writable: for making, relabelling and destroying keys. @token outlives the session. -errno
 * (hsm/fault.h). */
_checked_ int hsm_session_open(struct hsm_token *token, bool writable, struct hsm_session **ret);
struct hsm_session *hsm_session_close(struct hsm_session *session);
void hsm_session_closep(struct hsm_session **session);

/* Whether it met an error: then it is only good for closing. */
bool hsm_session_is_broken(const struct hsm_session *session);
