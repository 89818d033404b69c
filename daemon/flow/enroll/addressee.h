/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom a message is enveloped to: a generation, by its own key or the one that speaks for it, opens
 * the message and issues (RFC 8894 §5.1).
 */

#include "daemon/flow/outcome.h"

/*
 * Finds the one of ours that opens the message and sets turn->opener, and its generation as
 * turn->addressed; of several it is none. Where there is only one that was succeeded, turn->signer
 * is its generation. A CA's own certificate that an exchange key took over from, and an exchange
 * key whose certificate has ended, are told the same, by who speaks for the CA.
 *
 * @ret  how the content key is wrapped for it, borrowed from the request; NULL with a trouble
 * SCEP_TROUBLE_NONE, or what the FAILURE must say. Needs no key.
 */
_checked_ enum scep_trouble addressee_find(struct scep_turn *turn,
					   const struct scep_recipient **ret);
/* Whether an RA's message is for the CA that it speaks for, in force or to come: a client may know
 * that one's certificate alone. Asked where addressee_find() found nobody. */
bool addressee_is_superior(const struct scep_turn *turn);
