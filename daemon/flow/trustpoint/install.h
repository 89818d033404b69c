/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A certificate comes in, from the CA's answer or by an operator's hand: verified, then in one
 * transaction the identity is there and its enrolment is over. It takes over at once, or, under a
 * CA that is yet to come, with that CA.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

struct trustpoint_arrival {
	/* The enrolment that it answers; 0: none, then the key is told by @key and @usage. */
	int64_t enrollment;
	const struct ca_key_place *key;
	int usage;
	struct span certificate; /* whole DER */
	bool by_hand; /* it came by terminal or file: neither renewed nor rolled over by itself */
	const char *actor; /* who brought it; NULL: the CA's answer did */
};
/*
 * 0; FLOW_REFUSED with *ret_reason (the caller's) where it is not what was asked for, or not of the
 * CA that is trusted: nothing changed then; FLOW_LATER, -errno.
 */
_checked_ int trustpoint_install(struct trustpoint_turn *turn,
				 const struct trustpoint_arrival *arrival, char **ret_reason);
