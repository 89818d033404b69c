/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/parking.h"
#include "daemon/base/clock.h"
#include "daemon/ca/parked.h"
#include "daemon/flow/enroll/parked-round.h"
#include "daemon/main/wake.h"
#include <stdlib.h>
#include <string.h>

#define THREADS	      1 /* so that a bound is not passed between a look and a commit */
#define PLACES	      256
#define LOOK_AGAIN_MS 60000 /* after a failure; the clock may have been set */

/* A token that something waits for. Its rounds come one after the other. */
struct waiter {
	struct job job;
	struct waiter *next;
	struct parking *parking;
	struct crew *crew; /* while a round is under way */
	struct flow *flow; /* likewise: as it was when the round began */
	char *token;
	struct parked_round round;
	int64_t at_ms; /* monotonic: when it is looked at next */
	unsigned tries;
	bool ran;
	bool wanted; /* by the last look */
};

/* What there is, as a worker finds out. */
struct look {
	struct job job;
	struct parking *parking;
	struct flow *flow;
	char **tokens;
	size_t n_tokens;
	bool failed;
};

struct parking {
	struct daemon *daemon;
	struct workers *workers;
	struct wake wake;
	struct waiter *waiters;
	bool looking;
	bool again;  /* something came since the look began */
	bool failed; /* the last look did */
};

/* Nothing is asked while nothing waits. */
static void arm(struct parking *parking)
{
	int64_t now_ms = clock_monotonic_ms(), in_ms = LOOK_AGAIN_MS;
	struct waiter *waiter;

	for (waiter = parking->waiters; waiter; waiter = waiter->next) {
		if (!waiter->flow && waiter->at_ms - now_ms < in_ms)
			in_ms = waiter->at_ms - now_ms;
	}
	if (parking->waiters || parking->failed)
		wake_in(&parking->wake, in_ms);
}

static void waiter_free(struct waiter *waiter)
{
	free(waiter->token);
	free(waiter);
}

static void run_round(struct job *job)
{
	struct waiter *waiter = (struct waiter *)job;

	flow_parked_round(waiter->flow, waiter->token, clock_now_s(), &waiter->round);
	waiter->ran = true;
}

static void end_round(struct waiter *waiter)
{
	crew_give_back(waiter->crew);
	waiter->crew = NULL;
	waiter->flow = flow_unref(waiter->flow);
}

static int64_t pause_after(struct waiter *waiter)
{
	if (!waiter->ran)
		return ca_parked_pause_ms(true, waiter->tries++);
	if (waiter->round.more)
		return 0;
	if (waiter->round.n_done || !waiter->round.ready)
		waiter->tries = 0;
	return ca_parked_pause_ms(waiter->round.ready, waiter->tries++);
}

static void complete_round(struct job *job)
{
	struct waiter *waiter = (struct waiter *)job;

	end_round(waiter);
	waiter->at_ms = clock_monotonic_ms() + pause_after(waiter);
	arm(waiter->parking);
}

/* On the workers of the token: while it hangs, nobody else is kept waiting. */
static void begin_round(struct waiter *waiter)
{
	struct daemon *daemon = waiter->parking->daemon;

	waiter->job = (struct job){.bucket = (uint64_t)(uintptr_t)waiter,
				   .known = true,
				   .run = run_round,
				   .complete = complete_round};
	waiter->ran = false;
	waiter->flow = flow_ref(daemon->flow);
	waiter->crew = crews_borrow(daemon->crews, waiter->token);
	if (waiter->crew && workers_push(crew_workers(waiter->crew), &waiter->job) == 0)
		return;
	/* The configuration has it no more, or too much waits for it already. */
	end_round(waiter);
	waiter->at_ms = clock_monotonic_ms() + pause_after(waiter);
}

static int add_token(void *context, const char *token)
{
	struct look *look = context;
	char **longer = reallocarray(look->tokens, look->n_tokens + 1, sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	look->tokens = longer;
	longer[look->n_tokens] = strdup(token);
	return longer[look->n_tokens] ? (int)(look->n_tokens++, 0) : -ENOMEM;
}

static void run_look(struct job *job)
{
	struct look *look = (struct look *)job;

	look->failed = flow_parked_look(look->flow, clock_now_s(), add_token, look) < 0;
}

static void want(struct parking *parking, const char *token)
{
	struct waiter *waiter;

	for (waiter = parking->waiters; waiter; waiter = waiter->next) {
		if (!strcmp(waiter->token, token)) {
			waiter->wanted = true;
			return;
		}
	}
	waiter = calloc(1, sizeof(*waiter));
	if (!waiter)
		return;
	*waiter = (struct waiter){.parking = parking,
				  .next = parking->waiters,
				  .token = strdup(token),
				  .wanted = true};
	if (waiter->token)
		parking->waiters = waiter;
	else
		free(waiter);
}

/* Those that nothing waits for any more go; the others begin where it is time. */
static void begin_due(struct parking *parking)
{
	int64_t now_ms = clock_monotonic_ms();

	for (struct waiter **link = &parking->waiters; *link;) {
		struct waiter *waiter = *link;

		if (!waiter->flow && !waiter->wanted) {
			*link = waiter->next;
			waiter_free(waiter);
			continue;
		}
		if (!waiter->flow && waiter->at_ms <= now_ms)
			begin_round(waiter);
		link = &waiter->next;
	}
}

static void look_free(struct look *look)
{
	for (size_t i = 0; i < look->n_tokens; i++)
		free(look->tokens[i]);
	free(look->tokens);
	flow_unref(look->flow);
	free(look);
}

static int begin_look(void *context);

static void complete_look(struct job *job)
{
	struct look *look = (struct look *)job;
	struct parking *parking = look->parking;
	bool again = parking->again;
	struct waiter *waiter;

	parking->looking = parking->again = false;
	parking->failed = look->failed;
	for (waiter = parking->waiters; waiter; waiter = waiter->next) {
		waiter->wanted = look->failed;
	}
	for (size_t i = 0; i < look->n_tokens; i++)
		want(parking, look->tokens[i]);
	look_free(look);
	if (wake_is_stopped(&parking->wake))
		return;
	begin_due(parking);
	arm(parking);
	if (again)
		(void)begin_look(parking);
}

static int begin_look(void *context)
{
	struct parking *parking = context;
	struct look *look;

	parking->again = parking->looking;
	if (parking->looking)
		return 0;
	look = calloc(1, sizeof(*look));
	if (!look)
		return -ENOMEM;
	*look = (struct look){.job = {.known = true, .run = run_look, .complete = complete_look},
			      .parking = parking,
			      .flow = flow_ref(parking->daemon->flow),
			      .failed = true};
	parking->looking = true;
	if (workers_push(parking->workers, &look->job) < 0)
		complete_look(&look->job);
	return 0;
}

/* What came may be able to go on where nothing else is. */
static int on_change(void *context)
{
	struct parking *parking = context;
	int64_t soon_ms = clock_monotonic_ms() + ca_parked_pause_ms(false, 0);
	struct waiter *waiter;

	for (waiter = parking->waiters; waiter; waiter = waiter->next) {
		waiter->tries = 0;
		waiter->at_ms = waiter->at_ms < soon_ms ? waiter->at_ms : soon_ms;
	}
	if (!parking->waiters)
		return begin_look(parking);
	arm(parking);
	return 0;
}

static void tell_change(void *context)
{
	wake_tell(&((struct parking *)context)->wake);
}

void parking_wake(struct parking *parking)
{
	struct waiter *waiter;

	for (waiter = parking->waiters; waiter; waiter = waiter->next) {
		waiter->tries = 0;
		waiter->at_ms = 0;
	}
	(void)begin_look(parking);
}

int parking_new(struct daemon *daemon, struct parking **ret)
{
	static const struct wake_calls calls = {begin_look, on_change, begin_look};
	struct parking *parking = calloc(1, sizeof(*parking));
	int r;

	if (!parking)
		return -ENOMEM;
	parking->daemon = daemon;
	r = wake_open(&parking->wake, daemon->loop, &calls, parking);
	if (r >= 0)
		r = workers_new(daemon->loop, THREADS, PLACES, &parking->workers);
	if (r < 0) {
		parking_free(parking);
		return r;
	}
	daemon->flow->on_wait_context = parking;
	daemon->flow->on_wait = tell_change;
	*ret = parking;
	return 0;
}

int parking_push(struct parking *parking, struct job *job)
{
	return workers_push(parking->workers, job);
}

void parking_stop(struct parking *parking)
{
	if (parking)
		wake_stop(&parking->wake);
}

struct parking *parking_free(struct parking *parking)
{
	struct waiter *waiter;

	if (!parking)
		return NULL;
	parking_stop(parking);
	if (parking->workers)
		workers_free(parking->workers);
	while ((waiter = parking->waiters)) {
		parking->waiters = waiter->next;
		waiter_free(waiter);
	}
	parking->daemon->flow->on_wait = NULL;
	wake_close(&parking->wake);
	free(parking);
	return NULL;
}
