/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which token is meant: the path attributes of a PKCS#11 URI that describe a token (RFC 7512 §2.3).
 * What does not describe one, an object, a slot, a module, or a PIN in the query, is refused and
 * not overlooked: who writes it expects it to count. An empty token, or one that is not there, is
 * never replaced by "the first".
 */

#include "hsm/module.h"

/* NULL: any. An empty text is a value, not the absence of one. */
struct hsm_uri {
	char *token, *serial, *manufacturer, *model;
};
void hsm_uri_done(struct hsm_uri *uri);

/*
 * Reads "pkcs11:token=ca;serial=0123".
 *
 * @ret_reason  where HSM_URI_MALFORMED is returned: why, for people; the caller's
 * Returns 0, HSM_URI_MALFORMED, or -ENOMEM.
 */
enum hsm_uri_outcome { HSM_URI_MALFORMED = 1 };
_checked_ int hsm_uri_read(const char *text, struct hsm_uri *ret, char **ret_reason);

/* Every attribute that is set equals the token's, byte by byte (RFC 7512 §2.5). */
bool hsm_uri_matches(const struct hsm_uri *uri, const struct hsm_slot *slot);

/*
 * The one initialised token that matches.
 *
 * @ret_slot    borrowed from @slots
 * @ret_reason  for an outcome: what was looked for and what is there, for people; the caller's
 * Returns 0, an outcome, or -ENOMEM.
 */
enum hsm_uri_pick_outcome { HSM_URI_ABSENT = 1, HSM_URI_AMBIGUOUS = 2 };
_checked_ int hsm_uri_pick(const struct hsm_uri *uri, const struct hsm_slots *slots,
			   const struct hsm_slot **ret_slot, char **ret_reason);
