/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/reload.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/flow/configuration/reload.h"
#include "daemon/main/forwards.h"
#include "daemon/main/parking.h"
#include "daemon/main/trustpoints.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

/* Others' commands, or a reload of an operator's own, are under way. */
#define TRY_AGAIN_USEC (200 * 1000)

struct reload_job {
	struct job job;
	struct daemon *daemon;
	struct flow *running, *fresh;
	int outcome;
};

int reload_adopt(struct daemon *daemon, struct flow *fresh)
{
	int r = crews_fit(daemon->crews, fresh->conf);

	flow_adopted(fresh, r >= 0);
	if (r < 0) {
		log_error(LOG_FIELDS(log_number("ERRNO", -r)),
			  "the workers of a new token can't be started: %s", strerror(-r));
		flow_unref(fresh);
		return r;
	}
	flow_unref(daemon->flow);
	daemon->flow = fresh;
	flow_committed(fresh); /* places may be others */
	if (daemon->trustpoints)
		trustpoints_wake(daemon->trustpoints);
	if (daemon->forwards)
		forwards_wake(daemon->forwards);
	if (daemon->parking)
		parking_wake(daemon->parking);
	return 0;
}

static void run(struct job *base)
{
	struct reload_job *job = (struct reload_job *)base;
	_cleanup_(freep) char *report = NULL;

	job->outcome =
		flow_reload_files(job->running, "SIGHUP", clock_now_s(), &job->fresh, &report);
}

static void tell(int outcome)
{
	sd_notify(0, !outcome ? "READY=1\nSTATUS=serving"
			      : "READY=1\nSTATUS=serving; the configuration was not read again, "
				"see the log");
}

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	reload_begin(context);
	return 0;
}

/* Who asked is not told before it was read: the file changed, and nobody asks twice. */
static void try_again(struct daemon *daemon)
{
	int r = sd_event_add_time_relative(daemon->loop, NULL, CLOCK_MONOTONIC, TRY_AGAIN_USEC, 0,
					   on_time, daemon);

	if (r >= 0)
		return;
	log_error(LOG_FIELDS(log_number("ERRNO", -r)), "the configuration was not read again: %s",
		  strerror(-r));
	tell(r);
}

static void complete(struct job *base)
{
	struct reload_job *job = (struct reload_job *)base;
	struct daemon *daemon = job->daemon;
	bool again = job->outcome == FLOW_LATER && !daemon->stopping;

	if (job->fresh)
		job->outcome = reload_adopt(daemon, job->fresh);
	flow_unref(job->running);
	if (!again)
		tell(job->outcome);
	free(job);
	/* An operator's own reload was in between: it may have begun before the file changed. */
	if (again)
		try_again(daemon);
}

void reload_begin(struct daemon *daemon)
{
	struct reload_job *job = calloc(1, sizeof(*job));

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic_ms() * 1000);
	if (job) {
		*job = (struct reload_job){.job = {.known = true, .run = run, .complete = complete},
					   .daemon = daemon,
					   .running = flow_ref(daemon->flow),
					   .outcome = -ECANCELED};
		if (!workers_push(daemon->desk, &job->job))
			return;
		flow_unref(job->running);
		free(job);
	}
	try_again(daemon);
}
