/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/timers.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/flow/notice/notice.h"
#include "daemon/flow/notice/traps.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/server/round.h"
#include "daemon/flow/succession/observer.h"
#include "daemon/main/audit-timer.h"
#include "daemon/main/wake.h"
#include <stdlib.h>

#define LOOK_AGAIN_S  60 /* the clock may have been set; a plan is cheap */
#define PAUSE_FIRST_S 1
#define PAUSE_MAX_S   60

struct timers {
	struct daemon *daemon;
	struct wake wake;
	int64_t pause_s; /* 0: nothing failed */
	bool acting;	 /* a round is under way on a worker */
	bool again;	 /* something changed meanwhile */
	bool sending;	 /* traps are being sent on a worker */
	bool send_again; /* there may be others since it began */
};

/* One round over all servers, on a worker. */
struct round {
	struct job job;
	struct timers *timers;
	struct flow *flow; /* as it was when the round began */
	int64_t next_s;	   /* seconds until the next planned action */
	bool failed;
};

/* Traps that notices of a round left to be sent, on another worker: a name server may be slow. */
struct sending {
	struct job job;
	struct timers *timers;
	struct flow *flow;
};

static void plan_at(struct round *round, int64_t when_s, int64_t now_s)
{
	if (when_s < now_s + round->next_s)
		round->next_s = when_s > now_s ? when_s - now_s : 0;
}

static void act_for(struct round *round, struct authority *authority, int64_t now_s)
{
	int64_t when_s;

	if (!flow_server_round(round->flow, authority, now_s, &when_s))
		round->failed = true;
	plan_at(round, when_s, now_s);
}

/* The same timer for the journal and for traps. */
static void tell_notices(struct round *round, int64_t now_s)
{
	int64_t when_s;

	if (flow_notices_round(round->flow, now_s, &when_s) < 0)
		round->failed = true;
	plan_at(round, when_s, now_s);
}

static void run_round(struct job *job)
{
	struct round *round = (struct round *)job;
	struct flow *flow = round->flow;
	int64_t began_s = clock_now_s();
	const char *reason;

	/* A disk that was full or read-only is found usable again by writing to it. */
	if (!store_is_writable(flow->store, &reason))
		round->failed = store_probe(flow->store) < 0;
	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		if (authority_find_keys(flow, &flow->authorities[i]) < 0 ||
		    flow_publish_missing(flow, &flow->authorities[i], clock_now_s()) < 0)
			round->failed = true;
		act_for(round, &flow->authorities[i], clock_now_s());
		if (flow_observe(flow, &flow->authorities[i], clock_now_s()) < 0)
			round->failed = true;
	}
	/* As it was when the round began: what was due by then is done, a CRL's signing perhaps. */
	tell_notices(round, began_s);
}

static void arm(struct timers *timers, int64_t in_s)
{
	wake_in(&timers->wake, (in_s < LOOK_AGAIN_S ? in_s : LOOK_AGAIN_S) * 1000);
}

static void run_sending(struct job *job)
{
	notice_traps_send(((struct sending *)job)->flow);
}

static void send_traps(struct timers *timers, struct flow *flow);

static void complete_sending(struct job *job)
{
	struct sending *sending = (struct sending *)job;

	struct timers *timers = sending->timers;

	timers->sending = false;
	if (timers->send_again && !wake_is_stopped(&timers->wake))
		send_traps(timers, sending->flow);
	flow_unref(sending->flow);
	free(sending);
}

/* What can't be sent now is tried with a later round, of which there is one in a minute at least.
 */
static void send_traps(struct timers *timers, struct flow *flow)
{
	struct sending *sending;

	timers->send_again = timers->sending;
	if (timers->sending || !notice_traps_wait(flow))
		return;
	sending = calloc(1, sizeof(*sending));
	if (!sending)
		return;
	*sending = (struct sending){.job = {.run = run_sending, .complete = complete_sending},
				    .timers = timers,
				    .flow = flow_ref(flow)};
	timers->sending = true;
	if (workers_push(timers->daemon->away, &sending->job) == 0)
		return;
	timers->sending = false;
	flow_unref(sending->flow);
	free(sending);
}

static void complete_round(struct job *job)
{
	struct round *round = (struct round *)job;
	struct timers *timers = round->timers;

	timers->acting = false;
	timers->pause_s = !round->failed    ? 0
			  : timers->pause_s ? timers->pause_s * 2
					    : PAUSE_FIRST_S;
	if (timers->pause_s > PAUSE_MAX_S)
		timers->pause_s = PAUSE_MAX_S;
	if (round->failed && timers->pause_s < round->next_s)
		round->next_s = timers->pause_s;
	arm(timers, timers->again ? 0 : round->next_s);
	timers->again = false;
	send_traps(timers, round->flow);
	flow_unref(round->flow);
	free(round);
}

static int begin_round(void *context)
{
	struct timers *timers = context;
	struct round *round;

	if (timers->acting) {
		timers->again = true;
		return 0;
	}
	round = calloc(1, sizeof(*round));
	if (!round)
		return -ENOMEM;
	*round =
		(struct round){.job = {.known = true, .run = run_round, .complete = complete_round},
			       .timers = timers,
			       .flow = flow_ref(timers->daemon->flow),
			       .next_s = LOOK_AGAIN_S};
	timers->acting = true;
	if (workers_push(timers->daemon->desk, &round->job) < 0) {
		timers->acting = false;
		flow_unref(round->flow);
		free(round);
		arm(timers, PAUSE_FIRST_S);
	}
	return 0;
}

static int on_test_clock(void *context)
{
	audit_timer_wake(((struct timers *)context)->daemon->audit_timer);
	return begin_round(context);
}

static void tell_change(void *context)
{
	wake_tell(&((struct timers *)context)->wake);
}

int timers_new(struct daemon *daemon, struct timers **ret)
{
	static const struct wake_calls calls = {begin_round, begin_round, on_test_clock};
	struct timers *timers = calloc(1, sizeof(*timers));
	int r;

	if (!timers)
		return -ENOMEM;
	timers->daemon = daemon;
	r = wake_open(&timers->wake, daemon->loop, &calls, timers);
	if (r < 0) {
		timers_free(timers);
		return r;
	}
	daemon->flow->on_change = tell_change;
	daemon->flow->on_change_context = timers;
	*ret = timers;
	return 0;
}

void timers_stop(struct timers *timers)
{
	if (!timers)
		return;
	wake_stop(&timers->wake);
}

struct timers *timers_free(struct timers *timers)
{
	if (!timers)
		return NULL;
	timers_stop(timers);
	wake_close(&timers->wake);
	free(timers);
	return NULL;
}
