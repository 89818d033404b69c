/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/daemon.h"
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/audit/upkeep.h"
#include "daemon/flow/configuration/reload.h"
#include "daemon/flow/configuration/snapshot.h"
#include "daemon/flow/configuration/weakness.h"
#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/flow/witness.h"
#include "daemon/main/audit-timer.h"
#include "daemon/main/control-socket.h"
#include "daemon/main/forwards.h"
#include "daemon/main/front-end.h"
#include "daemon/main/held.h"
#include "daemon/main/key-socket.h"
#include "daemon/main/parking.h"
#include "daemon/main/publication.h"
#include "daemon/main/reload.h"
#include "daemon/main/scep-socket.h"
#include "daemon/main/timers.h"
#include "daemon/main/trustpoints.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define DESK_THREADS 3
#define DESK_PLACES  128
#define AWAY_THREADS 4
#define AWAY_PLACES  32

static int open_workers(struct daemon *daemon)
{
	int r = crews_new(daemon->loop, &daemon->crews);

	if (r >= 0)
		r = crews_fit(daemon->crews, daemon->flow->conf);
	if (r >= 0)
		r = workers_new(daemon->loop, DESK_THREADS, DESK_PLACES, &daemon->desk);
	return r < 0 ? r : workers_new(daemon->loop, AWAY_THREADS, AWAY_PLACES, &daemon->away);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	(void)source;
	(void)info;
	reload_begin(context);
	return 0;
}

static int open_loop(struct daemon *daemon)
{
	sigset_t signals;
	int r;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	r = sd_event_new(&daemon->loop);
	if (r >= 0)
		r = sd_event_add_signal(daemon->loop, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(daemon->loop, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(daemon->loop, NULL, SIGHUP, on_hangup, daemon);
	if (r >= 0)
		r = sd_event_set_watchdog(daemon->loop, true);
	return r;
}

/* A disk that is full keeps nobody from what needs no writing. */
static void begin_audit(struct daemon *daemon)
{
	int r = flow_audit_begin(daemon->flow, clock_now_s());

	daemon->audited = r >= 0;
	if (r < 0)
		log_warning(LOG_FIELDS(log_number("ERRNO", -r)),
			    "the audit can't record the start: %s", strerror(-r));
}

int daemon_open(struct conf *conf, struct daemon **ret)
{
	_cleanup_(daemon_closep) struct daemon *daemon = calloc(1, sizeof(*daemon));
	int r;

	if (!daemon)
		return -ENOMEM;
	r = open_loop(daemon);
	if (r >= 0)
		r = directory_make(conf->daemon.runtime_directory, 0755);
	if (r >= 0)
		r = flow_open(conf, &daemon->flow);
	if (r >= 0)
		begin_audit(daemon);
	if (r >= 0)
		flow_tell_warnings(daemon->flow);
	if (r >= 0)
		r = flow_tell_weaknesses(daemon->flow, clock_now_s());
	if (r >= 0)
		r = open_workers(daemon);
	if (r >= 0)
		r = held_new(daemon, &daemon->held);
	if (r >= 0)
		r = parking_new(daemon, &daemon->parking);
	if (r >= 0)
		r = timers_new(daemon, &daemon->timers);
	if (r >= 0)
		r = publication_new(daemon, &daemon->publication);
	if (r >= 0)
		r = audit_timer_new(daemon, &daemon->audit_timer);
	if (r >= 0)
		r = trustpoints_new(daemon, &daemon->trustpoints);
	if (r >= 0)
		r = forwards_new(daemon, &daemon->forwards);
	if (r >= 0)
		r = scep_socket_open(daemon, &daemon->scep);
	if (r >= 0)
		r = front_end_new(daemon, &daemon->front_end);
	if (r >= 0)
		r = control_socket_open(daemon, &daemon->control);
	if (r >= 0)
		r = key_socket_open(daemon, &daemon->key);
	if (r < 0) {
		log_error(LOG_FIELDS(log_number("ERRNO", -r)), "can't start: %s", strerror(-r));
		return r;
	}
	*ret = TAKE_PTR(daemon);
	return 0;
}

int daemon_run(struct daemon *daemon)
{
	int r;

	sd_notify(0, "READY=1\nSTATUS=serving");
	log_notice(
		LOG_FIELDS(log_number("SERVERS", (int64_t)daemon->flow->conf->n_servers),
			   log_number("TRUSTPOINTS", (int64_t)daemon->flow->conf->n_trustpoints)),
		"clavigerd serves");
	r = sd_event_loop(daemon->loop);
	sd_notify(0, "STOPPING=1");
	return r;
}

/* Sockets first, so that nothing new comes; then the workers, which may still answer; then what
 * they worked on. */
struct daemon *daemon_close(struct daemon *daemon)
{
	if (!daemon)
		return NULL;
	daemon->stopping = true;
	scep_socket_stop(daemon->scep);
	control_socket_stop(daemon->control);
	key_socket_stop(daemon->key);
	timers_stop(daemon->timers);
	daemon->front_end = front_end_free(daemon->front_end);
	publication_stop(daemon->publication);
	audit_timer_stop(daemon->audit_timer);
	trustpoints_stop(daemon->trustpoints);
	forwards_stop(daemon->forwards);
	parking_stop(daemon->parking);
	held_give_up(daemon->held);
	crews_stop(daemon->crews);
	if (daemon->flow)
		trustpoint_cancel(daemon->flow);
	workers_free(daemon->away);
	workers_free(daemon->desk);
	/* Last: who else runs may still tell it of changes. */
	publication_free(daemon->publication);
	trustpoints_free(daemon->trustpoints);
	forwards_free(daemon->forwards);
	held_give_up(daemon->held);
	parking_free(daemon->parking);
	held_free(daemon->held);
	timers_free(daemon->timers);
	audit_timer_free(daemon->audit_timer);
	scep_socket_free(daemon->scep);
	control_socket_free(daemon->control);
	key_socket_free(daemon->key);
	crews_free(daemon->crews);
	if (daemon->audited)
		flow_audit_end(daemon->flow, clock_now_s());
	flow_unref(daemon->flow);
	sd_event_unref(daemon->loop);
	free(daemon);
	return NULL;
}

void daemon_closep(struct daemon **daemon)
{
	daemon_close(*daemon);
}
