/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One forward in hand, with all that is known of it, and what becomes of it by its event table.
 * Within flow/ alone.
 */

#include "daemon/flow/generations.h"
#include "daemon/flow/trustpoint/trustpoint.h"

struct forward_turn {
	/* The RA's own, as it is recorded; nothing is committed by it. Its server is the RA. */
	struct trustpoint_turn trustpoint;
	struct generations *generations;
	struct ca_exchange_record *exchanges;
	size_t n_exchanges;
	struct ca_request_record request;
	struct ca_forward_record record;
	const struct generation *issuer; /* whose certificate is asked for now; NULL: nobody's */
};
enum forward_turn_outcome { FORWARD_TURN_NONE = 3 }; /* it is over, or nobody is to go on with it */
/* 0; FORWARD_TURN_NONE; -errno. forward_turn_done() is the caller's in either case. */
_checked_ int forward_turn_load(struct flow *flow, const char *label, int64_t request_id,
				int64_t now_s, struct forward_turn *ret);
void forward_turn_done(struct forward_turn *turn);

/* The exchange that signed its message; NULL where none did, or it is gone. */
const struct ca_exchange_record *forward_signer(const struct forward_turn *turn);

/*
 * Takes the step and records it: the forward goes on with turn->record as it stands, or its request
 * is granted with @certificate (of GRANTED alone) or denied. @told is for people, and of a denial
 * the client's too; may be NULL. 0, also where the request was decided by others meanwhile; -errno.
 */
_checked_ int forward_apply_event(struct forward_turn *turn, enum ca_forward_event event,
				  const char *told, struct span certificate);
/* The same for a client whose certificate the CA revoked. */
_checked_ int forward_deny_revoked(struct forward_turn *turn);
