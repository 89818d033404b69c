/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/held.h"
#include "daemon/base/clock.h"
#include <stdlib.h>

#define HELD_MAX       256
#define PEER_SHARE     8 /* a peer may hold one in so many of the places */
#define TRY_AGAIN_USEC (200 * 1000)

struct held {
	struct daemon *daemon;
	struct held_job *jobs[HELD_MAX];
	unsigned n;
	bool stopped;
	sd_event_source *timer;
};

bool held_is_late(const struct held_job *job)
{
	return job->deadline_ms && clock_monotonic_ms() >= job->deadline_ms;
}

static void try_again(struct held_job *job)
{
	if (held_is_late(job) || workers_push(job->workers, &job->job) < 0)
		job->give_up(job);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
	struct held *held = context;
	struct held_job *jobs[HELD_MAX];
	unsigned n = held->n;

	(void)source;
	(void)usec;
	for (unsigned i = 0; i < n; i++)
		jobs[i] = held->jobs[i];
	held->n = 0;
	for (unsigned i = 0; i < n; i++)
		try_again(jobs[i]);
	return 0;
}

int held_new(struct daemon *daemon, struct held **ret)
{
	struct held *held = calloc(1, sizeof(*held));
	int r;

	if (!held)
		return -ENOMEM;
	held->daemon = daemon;
	r = sd_event_add_time_relative(daemon->loop, &held->timer, CLOCK_MONOTONIC, TRY_AGAIN_USEC,
				       0, on_timer, held);
	if (r >= 0)
		r = sd_event_source_set_enabled(held->timer, SD_EVENT_OFF);
	if (r < 0) {
		held_free(held);
		return r;
	}
	*ret = held;
	return 0;
}

struct held *held_free(struct held *held)
{
	if (!held)
		return NULL;
	sd_event_source_disable_unref(held->timer);
	free(held);
	return NULL;
}

static bool has_room(const struct held *held, uint64_t bucket)
{
	unsigned of_peer = 0;

	for (unsigned i = 0; i < held->n; i++)
		of_peer += held->jobs[i]->job.bucket == bucket;
	return held->n < HELD_MAX && of_peer < HELD_MAX / PEER_SHARE;
}

void held_put(struct held *held, struct held_job *job)
{
	if (!job->deadline_ms)
		job->deadline_ms =
			clock_monotonic_ms() + held->daemon->flow->conf->daemon.hold_for_s * 1000;
	if (held->stopped || held_is_late(job) || !has_room(held, job->job.bucket)) {
		job->give_up(job);
		return;
	}
	if (!held->n) {
		sd_event_source_set_time_relative(held->timer, TRY_AGAIN_USEC);
		sd_event_source_set_enabled(held->timer, SD_EVENT_ONESHOT);
	}
	held->jobs[held->n++] = job;
}

void held_give_up(struct held *held)
{
	if (!held)
		return;
	held->stopped = true;
	while (held->n) {
		struct held_job *job = held->jobs[--held->n];

		job->give_up(job);
	}
}
