/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What waits for tokens, gone on with when they are back: each recorded message as if its client
 * had sent it again, its answer thrown away, since the client's own repetition gets it; then the
 * requests that are authorised already (waiting.h). Crash between any two of it, and it is done
 * again: whoever was answered is answered alike.
 */

#include "daemon/flow/flow.h"

/* Drops messages that waited too long (RequestLifetime=), and tells for which tokens something
 * waits, each once. @visit: borrows its text; another value than 0 ends it, a negative one is
 * handed on. -errno. Needs no token. */
typedef int (*parked_visit)(void *context, const char *token);
_checked_ int flow_parked_look(struct flow *flow, int64_t now_s, parked_visit visit, void *context);

/* How one round for a token went, for whoever begins the next. */
struct parked_round {
	int64_t after_id; /* in, out: the messages up to this one were gone on with; 0: from the
			     first on */
	bool ready;	  /* the token was, and did not go again */
	unsigned n_done;  /* what does not wait any more */
	bool more;	  /* the next round may begin at once */
};
/* Goes on with some of what waits for this token, if it is ready; on the token's own workers. What
 * can't go on is kept and told in the log. */
void flow_parked_round(struct flow *flow, const char *token, int64_t now_s,
		       struct parked_round *round);
