/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/audit-timer.h"
#include "daemon/base/clock.h"
#include "daemon/flow/audit/upkeep.h"
#include "daemon/flow/witness.h"
#include "daemon/main/wake.h"
#include "daemon/main/workers.h"
#include <stdatomic.h>
#include <stdlib.h>

#define GATHER_MS    250 /* records within it share a message to the token's process */
#define LOOK_AGAIN_S 60	 /* a token may be back */

struct audit_timer {
	struct daemon *daemon;
	struct wake wake;
	atomic_bool changed; /* since the last round began */
	bool acting;	     /* a round is under way */
	bool again;	     /* there is more to tell than it began with */
};

struct round {
	struct job job;
	struct audit_timer *timer;
	struct flow *flow; /* as it was when the round began */
	int64_t in_s;
	int result;
};

static void run_round(struct job *job)
{
	struct round *round = (struct round *)job;

	round->result = flow_audit_upkeep(round->flow, clock_now_s(), &round->in_s);
}

static void complete_round(struct job *job)
{
	struct round *round = (struct round *)job;
	struct audit_timer *timer = round->timer;

	timer->acting = false;
	if (timer->again)
		wake_in(&timer->wake, GATHER_MS);
	else
		wake_in(&timer->wake, (round->result ? LOOK_AGAIN_S : round->in_s) * 1000);
	timer->again = false;
	flow_unref(round->flow);
	free(round);
}

static int begin_round(void *context)
{
	struct audit_timer *timer = context;
	struct round *round;

	if (timer->acting) {
		timer->again = true;
		return 0;
	}
	atomic_store(&timer->changed, false);
	round = calloc(1, sizeof(*round));
	if (!round)
		return -ENOMEM;
	*round = (struct round){
		.job = {.known = true, .run = run_round, .complete = complete_round},
		.timer = timer,
		.flow = flow_ref(timer->daemon->flow),
		.in_s = LOOK_AGAIN_S,
	};
	timer->acting = true;
	if (workers_push(timer->daemon->desk, &round->job) == 0)
		return 0;
	timer->acting = false;
	flow_unref(round->flow);
	free(round);
	wake_in(&timer->wake, 1000);
	return 0;
}

void audit_timer_wake(struct audit_timer *timer)
{
	if (!timer)
		return;
	if (timer->acting)
		timer->again = true;
	else
		wake_in(&timer->wake, GATHER_MS);
}

static int on_change(void *context)
{
	audit_timer_wake(context);
	return 0;
}

/* On the thread that writes: only the first since the last round costs a system call, and none puts
 * off the round that the first one asked for. */
static void tell_change(void *context)
{
	struct audit_timer *timer = context;

	if (!atomic_exchange(&timer->changed, true))
		wake_tell(&timer->wake);
}

int audit_timer_new(struct daemon *daemon, struct audit_timer **ret)
{
	static const struct wake_calls calls = {.timer = begin_round, .change = on_change};
	struct audit_timer *timer = calloc(1, sizeof(*timer));
	int r;

	if (!timer)
		return -ENOMEM;
	timer->daemon = daemon;
	r = wake_open(&timer->wake, daemon->loop, &calls, timer);
	if (r < 0) {
		audit_timer_free(timer);
		return r;
	}
	store_on_audit(daemon->flow->store, tell_change, timer);
	*ret = timer;
	return 0;
}

void audit_timer_stop(struct audit_timer *timer)
{
	if (!timer)
		return;
	wake_stop(&timer->wake);
}

struct audit_timer *audit_timer_free(struct audit_timer *timer)
{
	if (!timer)
		return NULL;
	audit_timer_stop(timer);
	if (timer->daemon->flow)
		store_on_audit(timer->daemon->flow->store, NULL, NULL);
	wake_close(&timer->wake);
	free(timer);
	return NULL;
}
