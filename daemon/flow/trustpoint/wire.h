/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One question to a CA's SCEP server and its answer, by claviger-fetch. What the answer means is
 * for the asker; here it only must be one: HTTP 200 with a body of at most 1 MiB.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

#define TRUSTPOINT_ANSWER_MOST ((size_t)1024 * 1024)
#define TRUSTPOINT_TIMEOUT_S   60

struct trustpoint_answer {
	unsigned status; /* 0: there was no answer at all */
	char *content_type;
	struct bytes body;
};
void trustpoint_answer_done(struct trustpoint_answer *answer);

/*
 * Asks, and waits at most turn->timeout_s (TRUSTPOINT_TIMEOUT_S) and a little more; clavigerd's end
 * cancels it.
 *
 * @operation  "GetCACaps", "GetCACert", "GetNextCACert", "PKIOperation"
 * @message    of PKIOperation, DER: posted where the CA told that it takes POST, else in the URL;
 *             empty for the others
 * @ret        the caller's in every case
 * @ret_reason for people, the caller's; set where it is refused
 * Returns 0; FLOW_REFUSED where no server answered, or another status than 200 (ret->status says
 * which); what it said of when to ask again is in turn->hold_until_s. FLOW_LATER where clavigerd
 * ends; -errno.
 */
_checked_ int trustpoint_ask(struct trustpoint_turn *turn, const char *operation,
			     struct span message, struct trustpoint_answer *ret, char **ret_reason);
