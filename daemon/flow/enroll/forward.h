/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an RA passes on to its CA. An authorised request becomes a forward, recorded in the same
 * transaction: the client is told PENDING, and workers of their own ask the CA for it, so that
 * nobody's token waits for a network. What the CA says becomes of the request, and the client's
 * next poll finds it. Source: RFC 8894 §4.2.1, §5.1.
 */

#include "daemon/flow/enroll/issue.h"

/* Records the request of @order, AUTHORIZED, to be passed on. ISSUE_FORWARDED; ISSUE_CHANGED;
 * -errno. */
_checked_ int flow_forward_begin(struct flow *flow, const struct issue_order *order);

/* How one round went, for whoever arms its timer. */
struct forward_round {
	int64_t next_s; /* when something is due again; INT64_MAX: nothing is coming */
	bool failed;	/* something due could not be done now: to be tried again soon */
};
/* Goes on with all that is due, one after the other; several may run at once. Waits for the CAs'
 * servers: never on the workers of operators' commands or of a token. */
void flow_forward_round(struct flow *flow, int64_t now_s, struct forward_round *ret);
