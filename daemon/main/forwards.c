/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/forwards.h"
#include "daemon/base/clock.h"
#include "daemon/flow/enroll/forward.h"
#include "daemon/main/wake.h"
#include "daemon/main/workers.h"
#include <stdlib.h>

/* Each waits for one server at a time. */
#define THREADS	      8
#define LOOK_AGAIN_MS 60000 /* the clock may have been set, the time become good */
#define PAUSE_MIN_MS  1000
#define PAUSE_MAX_MS  60000

/* One worker's rounds: what is due is shared out among them by claims. */
struct turn {
	struct job job;
	struct forwards *forwards;
	struct flow *flow; /* as it was when the round began; NULL: none is under way */
	struct forward_round round;
	int64_t at_ms;	  /* monotonic: when it looks next */
	int64_t pause_ms; /* 0: nothing failed */
	bool ran;
	bool again; /* something changed meanwhile */
};

struct forwards {
	struct daemon *daemon;
	struct workers *workers;
	struct wake wake;
	struct turn turns[THREADS];
};

static void arm(struct forwards *forwards)
{
	int64_t now_ms = clock_monotonic_ms(), in_ms = LOOK_AGAIN_MS;

	for (size_t i = 0; i < THREADS; i++) {
		const struct turn *turn = &forwards->turns[i];

		if (!turn->flow && turn->at_ms - now_ms < in_ms)
			in_ms = turn->at_ms - now_ms;
	}
	wake_in(&forwards->wake, in_ms);
}

static void run_round(struct job *base)
{
	struct turn *turn = (struct turn *)base;

	flow_forward_round(turn->flow, clock_now_s(), &turn->round);
	turn->ran = true;
}

static int64_t pause_after(int64_t pause_ms)
{
	pause_ms = pause_ms ? pause_ms * 2 : PAUSE_MIN_MS;
	return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

static int64_t delay_after(const struct turn *turn)
{
	int64_t now_s = clock_now_s(), delay_ms = LOOK_AGAIN_MS;

	if (turn->again)
		return 0;
	if (turn->round.next_s < now_s + LOOK_AGAIN_MS / 1000)
		delay_ms = turn->round.next_s > now_s ? (turn->round.next_s - now_s) * 1000 : 0;
	return turn->pause_ms && turn->pause_ms < delay_ms ? turn->pause_ms : delay_ms;
}

static void complete_round(struct job *base)
{
	struct turn *turn = (struct turn *)base;

	turn->pause_ms = turn->ran && !turn->round.failed ? 0 : pause_after(turn->pause_ms);
	turn->at_ms = clock_monotonic_ms() + delay_after(turn);
	turn->again = false;
	turn->flow = flow_unref(turn->flow);
	arm(turn->forwards);
}

static void begin_round(struct turn *turn)
{
	turn->job = (struct job){.bucket = (uint64_t)(uintptr_t)turn,
				 .known = true,
				 .run = run_round,
				 .complete = complete_round};
	turn->round = (struct forward_round){.next_s = INT64_MAX};
	turn->ran = false;
	turn->flow = flow_ref(turn->forwards->daemon->flow);
	if (workers_push(turn->forwards->workers, &turn->job) == 0)
		return;
	turn->flow = flow_unref(turn->flow);
	turn->at_ms = clock_monotonic_ms() + PAUSE_MIN_MS;
}

static int begin_due(void *context)
{
	struct forwards *forwards = context;
	int64_t now_ms = clock_monotonic_ms();

	for (size_t i = 0; i < THREADS; i++)
		if (!forwards->turns[i].flow && forwards->turns[i].at_ms <= now_ms)
			begin_round(&forwards->turns[i]);
	arm(forwards);
	return 0;
}

static int look_again(void *context)
{
	struct forwards *forwards = context;

	for (size_t i = 0; i < THREADS; i++) {
		forwards->turns[i].again = forwards->turns[i].flow != NULL;
		forwards->turns[i].at_ms = 0;
	}
	arm(forwards);
	return 0;
}

void forwards_wake(struct forwards *forwards)
{
	(void)look_again(forwards);
}

static void tell_change(void *context)
{
	wake_tell(&((struct forwards *)context)->wake);
}

int forwards_new(struct daemon *daemon, struct forwards **ret)
{
	static const struct wake_calls calls = {begin_due, look_again, look_again};
	struct forwards *forwards = calloc(1, sizeof(*forwards));
	int r;

	if (!forwards)
		return -ENOMEM;
	forwards->daemon = daemon;
	for (size_t i = 0; i < THREADS; i++)
		forwards->turns[i].forwards = forwards;
	r = wake_open(&forwards->wake, daemon->loop, &calls, forwards);
	if (r >= 0)
		r = workers_new(daemon->loop, THREADS, THREADS, &forwards->workers);
	if (r < 0) {
		forwards_free(forwards);
		return r;
	}
	daemon->flow->on_forward_context = forwards;
	daemon->flow->on_forward = tell_change;
	*ret = forwards;
	return 0;
}

void forwards_stop(struct forwards *forwards)
{
	if (forwards)
		wake_stop(&forwards->wake);
}

struct forwards *forwards_free(struct forwards *forwards)
{
	if (!forwards)
		return NULL;
	forwards_stop(forwards);
	if (forwards->workers)
		workers_free(forwards->workers);
	forwards->daemon->flow->on_forward = NULL;
	wake_close(&forwards->wake);
	free(forwards);
	return NULL;
}
