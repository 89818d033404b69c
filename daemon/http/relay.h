/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The way to clavigerd: one connection to scep.sock with many messages under way, kept open and
 * opened again when it breaks. Any thread hands an exchange in; one thread runs the relay and ends
 * them.
 */

#include "daemon/http/book.h"
#include <poll.h>

#define RELAY_FDS 2

struct relay;

/* How long an exchange may take, from relay_submit() to its end. */
struct relay_patience {
	int64_t most_ms;
	int64_t away_ms; /* where nobody listens, and has not for so long; at most @most_ms */
};

/* @path: of scep.sock; copied. -ENOMEM, -EMFILE. */
_checked_ int relay_new(const char *path, const struct relay_patience *patience,
			struct relay **ret);
/* Nothing may be under way. */
struct relay *relay_free(struct relay *relay);
void relay_freep(struct relay **relay);

/* Hands @exchange over. It ends by its finish(), on the thread of relay_step(), also where there
 * are too many; after relay_give_up() at once, on this one. Thread-safe. */
void relay_submit(struct relay *relay, struct exchange *exchange);

/* What poll(2) is to wait for, and for how long at most from @now_ms. */
void relay_prepare(struct relay *relay, int64_t now_ms, struct pollfd fds[static RELAY_FDS],
		   int64_t *ret_timeout_ms);
/* Does what can be done without blocking: connect, send, receive, end. */
void relay_step(struct relay *relay, int64_t now_ms);
/* Ends all that is under way, and whatever is still submitted, as if clavigerd were away. */
void relay_give_up(struct relay *relay);
