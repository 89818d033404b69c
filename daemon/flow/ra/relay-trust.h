/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether what a transparent RA's superior gives out is its CA's. By itself it believes what comes,
 * as its clients compare fingerprints themselves; where Fingerprint= is set, or an operator said
 * which CA it is (`trustpoint authenticate`), that one and those that succeed it by GetNextCACert
 * are given out, and no other. Within flow/ alone.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

/*
 * @cacert  an answer to GetCACert
 * 0; FLOW_REFUSED with *ret_reason, the caller's, where it is not the CA's; FLOW_LATER, -errno.
 * Where nothing is recorded of the CA yet it is authenticated by Fingerprint=, which blocks for the
 * superior.
 */
_checked_ int relay_trust_ca(struct trustpoint_turn *turn, struct span cacert, char **ret_reason);
/* The CA that is to take over, once the superior gives one out: believed where the CA signed it.
 * Nothing to do where no CA is known. As above. */
_checked_ int relay_trust_next_ca(struct trustpoint_turn *turn, char **ret_reason);
