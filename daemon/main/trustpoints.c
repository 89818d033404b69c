/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/trustpoints.h"
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/server/trustpoint-round.h"
#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/main/wake.h"
#include "daemon/main/workers.h"
#include <stdlib.h>
#include <string.h>

/* Each waits for one server at a time. */
#define THREADS	      24
#define PLACES	      256
#define SHARE	      (THREADS / 2) /* of one CA's server: one that hangs leaves threads to others */
#define LOOK_AGAIN_MS 60000	    /* the clock may have been set, the time become good */
#define PAUSE_MIN_MS  1000
#define PAUSE_MAX_MS  60000

/* One trustpoint, as long as the configuration has it or a job is about it. */
struct entry {
	struct entry *next;
	struct trustpoints *trustpoints;
	char *name;
	char *server;	  /* "http://host:port", of EnrollmentURL=; NULL: nobody is asked */
	int64_t at_ms;	  /* monotonic: when it is looked at next */
	int64_t pause_ms; /* 0: nothing failed */
	int64_t hold_until_s;
	char trouble[TRUSTPOINT_TROUBLE_SIZE]; /* what was told of as being in the way */
	char key_trouble[TRUSTPOINT_TROUBLE_SIZE];
	bool acting; /* a round is under way on a worker */
	bool again;  /* something changed meanwhile */
	bool configured;
};

struct trustpoints {
	struct daemon *daemon;
	struct workers *workers;
	struct wake wake;
	struct entry *entries;
};

struct round_job {
	struct job job;
	struct entry *entry;
	struct flow *flow; /* as it was when the round began */
	struct trustpoint_round round;
	bool ran;
};

/* Takes out of the list what is neither configured nor in hand. */
static void drop_entries(struct trustpoints *trustpoints)
{
	struct entry **at = &trustpoints->entries;

	while (*at) {
		struct entry *entry = *at;

		if (entry->configured || entry->acting) {
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		free(entry->name);
		free(entry->server);
		free(entry);
	}
}

static bool is_at_same(const struct entry *entry, const struct entry *other)
{
	return entry->server && other->server && !strcmp(entry->server, other->server);
}

/* For one of those that ask the same server: its end begins it. */
static bool must_wait(const struct entry *entry)
{
	const struct entry *other;
	unsigned n = 0;

	for (other = entry->trustpoints->entries; other; other = other->next)
		n += other->acting && is_at_same(entry, other);
	return n >= SHARE;
}

static void arm(struct trustpoints *trustpoints)
{
	int64_t now_ms = clock_monotonic_ms(), in_ms = LOOK_AGAIN_MS;
	struct entry *entry;

	for (entry = trustpoints->entries; entry; entry = entry->next)
		if (!entry->acting && entry->at_ms - now_ms < in_ms && !must_wait(entry))
			in_ms = entry->at_ms - now_ms;
	wake_in(&trustpoints->wake, in_ms);
}

static void run_round(struct job *base)
{
	struct round_job *job = (struct round_job *)base;

	flow_trustpoint_round(job->flow, job->entry->name, clock_now_s(), &job->round);
	job->ran = true;
}

static int64_t pause_after(int64_t pause_ms)
{
	pause_ms = pause_ms ? pause_ms * 2 : PAUSE_MIN_MS;
	return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

/* How long until it is looked at again. */
static int64_t delay_after(const struct entry *entry, const struct trustpoint_round *round)
{
	int64_t now_s = clock_now_s(), delay_ms = LOOK_AGAIN_MS;

	if (entry->again)
		return 0;
	if (round->next_s < now_s + LOOK_AGAIN_MS / 1000)
		delay_ms = round->next_s > now_s ? (round->next_s - now_s) * 1000 : 0;
	return entry->pause_ms && entry->pause_ms < delay_ms ? entry->pause_ms : delay_ms;
}

static void complete_round(struct job *base)
{
	struct round_job *job = (struct round_job *)base;
	struct entry *entry = job->entry;
	struct trustpoints *trustpoints = entry->trustpoints;

	entry->acting = false;
	entry->hold_until_s = job->round.hold_until_s;
	memcpy(entry->trouble, job->round.trouble, sizeof(entry->trouble));
	memcpy(entry->key_trouble, job->round.key_trouble, sizeof(entry->key_trouble));
	entry->pause_ms = job->ran && !job->round.failed ? 0 : pause_after(entry->pause_ms);
	entry->at_ms = clock_monotonic_ms() + delay_after(entry, &job->round);
	entry->again = false;
	drop_entries(trustpoints);
	arm(trustpoints);
	flow_unref(job->flow);
	free(job);
}

static int begin_round(struct entry *entry)
{
	struct round_job *job = calloc(1, sizeof(*job));

	if (!job)
		return -ENOMEM;
	*job = (struct round_job){
		.job = {.bucket = (uint64_t)(uintptr_t)entry,
			.known = true,
			.run = run_round,
			.complete = complete_round},
		.entry = entry,
		.flow = flow_ref(entry->trustpoints->daemon->flow),
		.round = {.hold_until_s = entry->hold_until_s, .next_s = INT64_MAX},
	};
	memcpy(job->round.trouble, entry->trouble, sizeof(entry->trouble));
	memcpy(job->round.key_trouble, entry->key_trouble, sizeof(entry->key_trouble));
	entry->acting = true;
	if (workers_push(entry->trustpoints->workers, &job->job) == 0)
		return 0;
	entry->acting = false;
	flow_unref(job->flow);
	free(job);
	return -EBUSY;
}

static int begin_due(void *context)
{
	struct trustpoints *trustpoints = context;
	int64_t now_ms = clock_monotonic_ms();
	struct entry *entry;

	for (entry = trustpoints->entries; entry; entry = entry->next)
		if (!entry->acting && entry->at_ms <= now_ms && !must_wait(entry) &&
		    begin_round(entry) < 0)
			entry->at_ms = now_ms + PAUSE_MIN_MS;
	arm(trustpoints);
	return 0;
}

static int look_again(void *context)
{
	struct trustpoints *trustpoints = context;
	struct entry *entry;

	for (entry = trustpoints->entries; entry; entry = entry->next) {
		entry->again = entry->acting;
		entry->at_ms = 0;
	}
	arm(trustpoints);
	return 0;
}

static struct entry *find_entry(struct trustpoints *trustpoints, const char *name)
{
	struct entry *entry;

	for (entry = trustpoints->entries; entry; entry = entry->next)
		if (!strcmp(entry->name, name))
			return entry;
	return NULL;
}

static int add_entry(struct trustpoints *trustpoints, const char *name, struct entry **ret)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry || text_format(&entry->name, "%s", name) < 0) {
		free(entry);
		return -ENOMEM;
	}
	entry->trustpoints = trustpoints;
	entry->configured = true;
	entry->next = trustpoints->entries;
	trustpoints->entries = entry;
	*ret = entry;
	return 0;
}

/* Scheme, host and port are enough: what else is asked there hangs as well. */
static int name_server(struct entry *entry, const struct conf_trustpoint *conf)
{
	const char *url = conf->enrollment_url, *host = url ? strstr(url, "://") : NULL;

	free(entry->server);
	entry->server = NULL;
	return host ? text_format(&entry->server, "%.*s",
				  (int)(host + 3 - url + (ptrdiff_t)strcspn(host + 3, "/")), url)
		    : 0;
}

static int fit_one(struct trustpoints *trustpoints, const struct conf_trustpoint *conf)
{
	struct entry *entry = find_entry(trustpoints, conf->name);

	if (!entry && add_entry(trustpoints, conf->name, &entry) < 0)
		return -ENOMEM;
	return name_server(entry, conf);
}

/* What the configuration has now. One that is gone and in hand goes when its round is over. */
static int fit(struct trustpoints *trustpoints)
{
	const struct conf *conf = trustpoints->daemon->flow->conf;
	struct entry *entry;
	int r = 0;

	for (entry = trustpoints->entries; entry; entry = entry->next)
		entry->configured = conf_find_trustpoint(conf, entry->name);
	drop_entries(trustpoints);
	for (size_t i = 0; i < conf->n_trustpoints; i++)
		if (fit_one(trustpoints, &conf->trustpoints[i]) < 0)
			r = -ENOMEM;
	return r;
}

void trustpoints_wake(struct trustpoints *trustpoints)
{
	if (fit(trustpoints) < 0)
		log_error(LOG_PLAIN, "out of memory: not every trustpoint is looked after");
	(void)look_again(trustpoints);
}

static void tell_change(void *context)
{
	wake_tell(&((struct trustpoints *)context)->wake);
}

int trustpoints_new(struct daemon *daemon, struct trustpoints **ret)
{
	static const struct wake_calls calls = {begin_due, look_again, look_again};
	struct trustpoints *trustpoints = calloc(1, sizeof(*trustpoints));
	int r;

	if (!trustpoints)
		return -ENOMEM;
	trustpoints->daemon = daemon;
	r = wake_open(&trustpoints->wake, daemon->loop, &calls, trustpoints);
	if (r >= 0)
		r = workers_new(daemon->loop, THREADS, PLACES, &trustpoints->workers);
	if (r >= 0)
		r = fit(trustpoints);
	if (r < 0) {
		trustpoints_free(trustpoints);
		return r;
	}
	daemon->flow->on_trustpoint_context = trustpoints;
	daemon->flow->on_trustpoint = tell_change;
	*ret = trustpoints;
	return 0;
}

void trustpoints_stop(struct trustpoints *trustpoints)
{
	if (!trustpoints)
		return;
	wake_stop(&trustpoints->wake);
	trustpoint_cancel(trustpoints->daemon->flow);
}

struct trustpoints *trustpoints_free(struct trustpoints *trustpoints)
{
	if (!trustpoints)
		return NULL;
	trustpoints_stop(trustpoints);
	if (trustpoints->workers)
		workers_free(trustpoints->workers);
	for (struct entry *entry = trustpoints->entries; entry; entry = entry->next)
		entry->configured = false;
	drop_entries(trustpoints);
	trustpoints->daemon->flow->on_trustpoint = NULL;
	wake_close(&trustpoints->wake);
	free(trustpoints);
	return NULL;
}
