/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Threads that wait for jobs, and the bounded queue before them. Every call that may block for the
 * token is such a job.
 */

#include "daemon/base/err.h"

struct pool;

/* First member of whatever is queued. */
struct pool_job {
	struct pool_job *next;
	/* Does it and frees the job. @seat: the thread's number, from 0. */
	void (*run)(struct pool_job *job, unsigned seat);
	/* Frees it undone. */
	void (*drop)(struct pool_job *job);
};

/* A queue of at most @most jobs, and one thread. -errno. */
_checked_ int pool_new(size_t most, struct pool **ret);
/* Makes it @seats threads where they are fewer. -errno; those that were started stay. */
_checked_ int pool_grow(struct pool *pool, unsigned seats);
/* Takes the job over; -EAGAIN where the queue is full, and the job stays the caller's. */
_checked_ int pool_submit(struct pool *pool, struct pool_job *job);
/* The same before all others, and past the bound. */
void pool_submit_first(struct pool *pool, struct pool_job *job);

/*
 * Drops what waits, lets the threads end what they do, and frees the pool. -ETIMEDOUT where one of
 * them was not done after @timeout_ms: it may be using the pool, which is therefore not freed, and
 * the process should end.
 */
_checked_ int pool_stop(struct pool *pool, int64_t timeout_ms);
