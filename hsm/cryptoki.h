/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For the files of hsm/ alone: PKCS#11's own types, and what the modules here show each other.
 */

#include "daemon/base/crypto.h"
#include "hsm/module.h"
#include "hsm/session.h"
#include "hsm/token.h"
#include <p11-kit/pkcs11.h>

CK_FUNCTION_LIST *hsm_module_functions(const struct hsm_module *module);
/* Counts open sessions, so that slots are not listed beside them. */
void hsm_module_count_session(struct hsm_module *module, int change);

struct hsm_module *hsm_token_module(const struct hsm_token *token);
CK_SLOT_ID hsm_token_slot(const struct hsm_token *token);
/* The first session, which holds the login. */
CK_SESSION_HANDLE hsm_token_anchor(const struct hsm_token *token);

/* Whether its own PSS turned out to be of no use; raw RSA is preferred then. Thread-safe. */
bool hsm_token_spoils_pss(const struct hsm_token *token);
void hsm_token_set_spoils_pss(struct hsm_token *token);

CK_FUNCTION_LIST *hsm_session_functions(const struct hsm_session *session);
CK_SESSION_HANDLE hsm_session_handle(const struct hsm_session *session);
struct hsm_token *hsm_session_token(const struct hsm_session *session);

/* Marks the session as not to be used again, and gives the fault's -errno. */
_checked_ int hsm_session_failed(struct hsm_session *session, const char *function, CK_RV rv);

/* The private key's handle of this CKA_ID, as this session found it before; CK_INVALID_HANDLE. */
CK_OBJECT_HANDLE hsm_session_recall(const struct hsm_session *session, struct span id);
void hsm_session_remember(struct hsm_session *session, struct span id, CK_OBJECT_HANDLE handle);
void hsm_session_forget(struct hsm_session *session, struct span id);

/* A public key, made once and kept with the session: to verify by one that was used before takes a
 * good third less. Borrowed until the next call. -errno. */
_checked_ int hsm_session_public(struct hsm_session *session, struct span spki,
				 const struct rsa_public **ret);
