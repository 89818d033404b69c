/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/timers.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/flow/publish.h"
#include "daemon/flow/server.h"
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#define LOOK_AGAIN_S  60 /* the clock may have been set; a plan is cheap */
#define PAUSE_FIRST_S 1
#define PAUSE_MAX_S   60

struct timers {
	struct daemon *daemon;
	sd_event_source *timer, *change, *test_clock;
	int change_fd, test_clock_fd;
	int64_t pause_s; /* 0: nothing failed */
	bool acting;	 /* a round is under way on a worker */
	bool again;	 /* something changed meanwhile */
};

/* One round over all servers, on a worker. */
struct round {
	struct job job;
	struct timers *timers;
	int64_t next_s; /* seconds until the next planned action */
	bool failed;
};

static void act_for(struct round *round, struct authority *authority, int64_t now_s)
{
	struct flow *flow = round->timers->daemon->flow;
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	struct ca_plan plan;
	int r;

	if (store_server_load(flow->store, authority->conf->label, &record) || !record.enabled)
		return;
	r = flow_server_plan(flow, authority, now_s, &plan);
	if (r >= 0 && plan.action && plan.when_s <= now_s) {
		r = flow_server_act(flow, authority, &plan, now_s);
		plan.when_s = now_s; /* look at once for what comes after it */
	}
	if (r) {
		log_warning(LOG_FIELDS(log_text("SERVER", authority->conf->label),
				       log_text("ACTION", ca_action_name(plan.action)),
				       log_number("RESULT", r)),
			    "a planned action was not done and will be tried again");
		round->failed = true;
	} else if (plan.action && plan.when_s - now_s < round->next_s) {
		round->next_s = plan.when_s - now_s;
	}
}

static void run_round(struct job *job)
{
	struct round *round = (struct round *)job;
	struct flow *flow = round->timers->daemon->flow;
	const char *reason;

	/* A disk that was full or read-only is found usable again by writing to it. */
	if (!store_is_writable(flow->store, &reason))
		round->failed = store_probe(flow->store) < 0;
	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		if (flow_publish_missing(flow, &flow->authorities[i], clock_now_s()) < 0)
			round->failed = true;
		act_for(round, &flow->authorities[i], clock_now_s());
	}
}

static void arm(struct timers *timers, int64_t in_s)
{
	uint64_t usec = (uint64_t)(in_s < 0		 ? 0
				   : in_s > LOOK_AGAIN_S ? LOOK_AGAIN_S
							 : in_s) *
			1000000;

	sd_event_source_set_time_relative(timers->timer, usec);
	sd_event_source_set_enabled(timers->timer, SD_EVENT_ONESHOT);
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
	if (timers->timer)
		arm(timers, timers->again ? 0 : round->failed ? timers->pause_s : round->next_s);
	timers->again = false;
	free(round);
}

static int begin_round(struct timers *timers)
{
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
			       .next_s = LOOK_AGAIN_S};
	timers->acting = true;
	if (workers_push(timers->daemon->desk, &round->job) < 0) {
		timers->acting = false;
		free(round);
		arm(timers, PAUSE_FIRST_S);
	}
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	return begin_round(context);
}

static int on_change(sd_event_source *source, int fd, uint32_t events, void *context)
{
	eventfd_t count;

	(void)source;
	(void)events;
	eventfd_read(fd, &count);
	return begin_round(context);
}

static int on_test_clock(sd_event_source *source, int fd, uint32_t events, void *context)
{
	char event[sizeof(struct inotify_event) + 256];

	(void)source;
	(void)events;
	while (read(fd, event, sizeof(event)) > 0)
		;
	return begin_round(context);
}

static void tell_change(void *context)
{
	eventfd_write(((struct timers *)context)->change_fd, 1);
}

static int watch_test_clock(struct timers *timers)
{
	int r = clock_watch(&timers->test_clock_fd);

	if (r == -ENOTSUP)
		return 0;
	return r < 0 ? r
		     : sd_event_add_io(timers->daemon->loop, &timers->test_clock,
				       timers->test_clock_fd, EPOLLIN, on_test_clock, timers);
}

int timers_new(struct daemon *daemon, struct timers **ret)
{
	struct timers *timers = calloc(1, sizeof(*timers));
	int r;

	if (!timers)
		return -ENOMEM;
	timers->daemon = daemon;
	timers->test_clock_fd = -1;
	timers->change_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = timers->change_fd < 0 ? -errno : 0;
	if (r >= 0)
		r = sd_event_add_time_relative(daemon->loop, &timers->timer, CLOCK_MONOTONIC, 0, 0,
					       on_timer, timers);
	if (r >= 0)
		r = sd_event_add_io(daemon->loop, &timers->change, timers->change_fd, EPOLLIN,
				    on_change, timers);
	if (r >= 0)
		r = watch_test_clock(timers);
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
	timers->timer = sd_event_source_disable_unref(timers->timer);
	timers->change = sd_event_source_disable_unref(timers->change);
	timers->test_clock = sd_event_source_disable_unref(timers->test_clock);
}

struct timers *timers_free(struct timers *timers)
{
	if (!timers)
		return NULL;
	timers_stop(timers);
	closep(&timers->change_fd);
	closep(&timers->test_clock_fd);
	free(timers);
	return NULL;
}
