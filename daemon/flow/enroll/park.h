/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages that wait, recorded, for a token that is away: a verified PKCSReq or RenewalReq whose
 * hold (HoldFor=) is over, or whose daemon ends, is put into the database, and its client told to
 * come back. What is there when the token is, goes on by parked-round.h.
 */

#include "daemon/flow/enroll/scep.h"

/*
 * Records the message of @call, verified anew, to go on when @token is back (scep_result.awaits).
 * It takes the place of an older one of its transaction. Where too much waits, the peer that has
 * most loses its newest.
 *
 * 0; FLOW_REFUSED where there is no room, or it is no message that may wait; -errno. Needs no
 * token.
 */
_checked_ int flow_park(struct flow *flow, const struct scep_call *call, const char *token,
			int64_t received_s);

/* How many messages of this server wait for a token, and how many of its requests are authorised
 * and wait for their certificate. -errno. */
struct parked_count {
	unsigned messages, requests;
};
_checked_ int flow_count_parked(struct flow *flow, const char *label, struct parked_count *ret);
