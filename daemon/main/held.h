/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages that wait, their connection held, for a token that is away or for what a worker does on
 * the same transaction: tried again several times a second, and given up after HoldFor=. No peer
 * has more than an eighth of the places.
 */

#include "daemon/main/daemon.h"

struct held_job {
	struct job job;
	struct workers *workers;
	int64_t deadline_ms;			/* monotonic; 0: not held yet */
	void (*give_up)(struct held_job *held); /* owns it from then on */
};

_checked_ int held_new(struct daemon *daemon, struct held **ret);
struct held *held_free(struct held *held);
/* Takes the job over: it runs again soon, or is given up at once where its time is over or too many
 * wait. */
void held_put(struct held *held, struct held_job *job);
/* Whether its time was over when it came to a worker at last: it is not worth another try. */
bool held_is_late(const struct held_job *job);
/* Gives up all of them, and all that come later. */
void held_give_up(struct held *held);
