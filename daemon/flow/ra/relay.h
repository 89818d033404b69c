/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A message passed on to the superior CA, byte for byte, and the answer back as it came: all that a
 * transparent RA does, and what an RA does with what is enveloped to its CA. The way is that of
 * [Trustpoint LABEL]. It waits for a server elsewhere: on workers of its own.
 */

#include "daemon/flow/enroll/scep.h"

/* The superior's server has that long to answer, and a message to wait for its turn: together less
 * than the front end waits. */
#define RELAY_TIMEOUT_S 14
#define RELAY_WAIT_MS	5000

/*
 * The answer is the superior's body with its HTTP status: a SCEP message for 200; what it refuses
 * goes on with its status and Retry-After. Where it is not reached, or answers with what is no SCEP
 * message, ours: 503, 502. Where nothing goes out: 403, 503 (daemon/ca/relay.h).
 *
 * @call       its server is a transparent RA, or an RA
 * @waited_ms  how long it waited for its turn here
 * Returns 0 with an answer; -errno on a fault of ours. Blocks for the superior.
 */
_checked_ int flow_relay(struct flow *flow, const struct scep_call *call, int64_t waited_ms,
			 int64_t now_s, struct scep_result *ret);

/* What the last try at the superior's server came to, for who shows the server: @trouble says why
 * it was not reached, NULL: it was. Logged where that is news. */
void relay_note_superior(struct authority *authority, const char *trouble);
