/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A rollover by an operator's hand: begun before its time, taken back, or at once since the key is
 * lost or known to others. Each gives 0, FLOW_LATER, FLOW_REFUSED (the reason in *ret_reason, the
 * caller's), -errno.
 */

#include "daemon/flow/enroll/hand.h"

struct rollover_stand {
	unsigned generation;  /* the number of the one that takes over; 0: not made yet, or an RA's
				 exchange key, which has none */
	int64_t takes_over_s; /* 0: not made yet */
	bool available;	      /* its certificate is given out */
	char reason[512];     /* what it waits for; "" for nothing */
};

/* Records that a shadow is wanted and makes it, as far as that can be done now; the rest is done by
 * itself. Minutes on a card. */
_checked_ int flow_rollover(const struct hand *hand, struct rollover_stand *ret, char **ret_reason);
/*
 * A new generation is active when it returns: the shadow's key with a new certificate, without one
 * a new key. What the one before issued stays valid, and its key where it is. Where another CA
 * certifies it is active as soon as that has granted it.
 *
 * @former  number of the one that is succeeded; 0: the active one at the call. FLOW_REFUSED where
 *          another is active by the time that it is this call's turn: of two operators one does it.
 */
_checked_ int flow_rollover_now(const struct hand *hand, unsigned former,
				struct rollover_stand *ret, char **ret_reason);

/* What is taken back, and whom that hurts. */
struct rollover_cancel {
	unsigned generation; /* 0: none was made yet */
	char *token;	     /* the caller's; NULL where none was made */
	uint8_t key_sha256[SHA256_SIZE];
	bool available;		  /* its certificate was given out */
	unsigned issued, waiting; /* certificates under it; requests for it, which are denied */
	bool already;		  /* it was cancelled before: only its key may be left */
};
void rollover_cancel_done(struct rollover_cancel *cancel);
/* Ends the wish and the shadow; its key is the caller's to destroy, afterwards. @look_only: only
 * says what would be. */
_checked_ int flow_rollover_cancel(const struct hand *hand, bool look_only,
				   struct rollover_cancel *ret, char **ret_reason);
