/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the wrapping-*.c files and rsa-key-wrap.c alone. */

#include "hsm/cryptoki.h"
#include "hsm/object.h"
#include "hsm/wrapping-key.h"

/* The wrapping key's handle, once it was found to be as it must be. 0, ABSENT, UNFIT, -errno. */
_checked_ int wrapping_key_locate(struct hsm_session *session, const char *label,
				  CK_OBJECT_HANDLE *ret, const char **ret_why);
/* AES keys of this label, private or public ones. */
_checked_ int wrapping_key_list(struct hsm_session *session, const char *label, bool private,
				struct object_list *ret);
/* What a wrapping key is made or opened with; the first WRAPPING_VALUES_PLAIN of them where the
 * token doesn't know the template for what is unwrapped. */
#define WRAPPING_VALUES	      18
#define WRAPPING_VALUES_PLAIN (WRAPPING_VALUES - 1)
void wrapping_key_values(const char *label, CK_ATTRIBUTE ret[static WRAPPING_VALUES]);
/* UNABLE with @why for an error that says that the token can't, else the error itself. */
_checked_ int wrapping_outcome(int error, const char *why, const char **ret_why);
void wrapping_destroy(struct hsm_session *session, CK_OBJECT_HANDLE object);

/* Whether the token wraps and unwraps by this mechanism. */
bool wrapping_can(struct hsm_session *session, const char *mechanism);
/* By the first mechanism that the token has and takes for this key. @iv: 16 bytes, where it needs
 * any; NULL: random ones. The session is broken after an error. */
_checked_ int wrapping_wrap(struct hsm_session *session, CK_OBJECT_HANDLE wrapping,
			    CK_OBJECT_HANDLE key, const uint8_t *iv, struct hsm_wrapped *ret);
/* -EBADMSG, -EPROTO where it does not open; the caller's template. */
_checked_ int wrapping_unwrap(struct hsm_session *session, CK_OBJECT_HANDLE wrapping,
			      const struct hsm_wrapped *wrapped, CK_ATTRIBUTE *values, CK_ULONG n,
			      CK_OBJECT_HANDLE *ret);
