/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Worker threads behind two bounded queues: known peers before strangers, and no peer with more
 * than an eighth of the strangers' places. Each token has a pool of its own, so a slow or absent
 * one starves nobody else. What is done comes back to the event loop.
 */

#include "daemon/base/bytes.h"
#include <systemd/sd-event.h>

/* Embedded first in what is to be done. */
struct job {
	struct job *next;
	uint64_t bucket; /* peer_bucket() of whom it is for */
	uint64_t turn;	 /* of who takes turns */
	bool known;
	void (*run)(struct job *job);	   /* on a worker */
	void (*complete)(struct job *job); /* on the event loop; owns the job from then on */
};

struct workers;

/* Starts @threads threads. @places: of each queue. -errno. */
_checked_ int workers_new(sd_event *loop, unsigned threads, unsigned places, struct workers **ret);
/* From now on, with nothing pushed yet: who asks for much waits for his own, for each one that is
 * taken of him is followed by one of everybody else who waits; nobody's share is limited but by
 * @places. For askers whose number of jobs is bounded elsewhere. */
void workers_take_turns(struct workers *workers);
/* Waits for what runs, completes what waits undone with run() never called (its complete() sees no
 * result). */
struct workers *workers_free(struct workers *workers);
/* Takes the job over. -EBUSY where its queue, or its peer's share, is full: the job stays the
 * caller's. */
_checked_ int workers_push(struct workers *workers, struct job *job);
