/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An enrolment from its beginning to its end: asked for, sent until an answer comes, polled,
 * granted, rejected or given up. What happens to it is decided by daemon/trustpoint/enrollment.h;
 * an identity that is in use is touched by nothing but the certificate that takes its place.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

struct trustpoint_order {
	int usage; /* enum key_usage, one of trustpoint_usages() */
	enum ca_enrollment_kind kind;
	bool regenerate; /* a new pair beside the one in use */
	struct span
		password; /* the challenge; empty: Password=, where there is one; refused by hand */
	/* What the configuration leaves open and the operator told, for this request alone; NULL:
	 * nothing. */
	const char *serial_number, *ip_address;
	bool by_hand;	   /* nothing is sent: the certificate comes by `trustpoint import` */
	const char *actor; /* NULL: the daemon itself */
};

/*
 * Makes sure that the CA is the one that is trusted, makes the request and records it; one that is
 * under way for this usage is replaced. It is not sent yet: that is planned next. What halted the
 * trustpoint does so no more. 0; FLOW_REFUSED with *ret_reason (the caller's), also where the CA is
 * a stranger, which halts it; FLOW_LATER where the token is not ready; -errno. Waits for the CA's
 * server and the token.
 */
_checked_ int trustpoint_begin_enrollment(struct trustpoint_turn *turn,
					  const struct trustpoint_order *order, char **ret_reason);

/*
 * Sends an enrolment, or polls for it, and does what the answer says; that no answer came or that
 * it can't be used is recorded. 0 then, too; FLOW_LATER with *ret_reason where the token is away,
 * FLOW_REFUSED where it can't go on so; -errno.
 */
_checked_ int trustpoint_send(struct trustpoint_turn *turn, int64_t enrollment, char **ret_reason);

/* Ends one that was tried often enough, or whose CA ended. As above. */
_checked_ int trustpoint_give_up(struct trustpoint_turn *turn, int64_t enrollment,
				 char **ret_reason);
