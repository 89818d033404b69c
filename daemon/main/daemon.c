/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/daemon.h"
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/weakness.h"
#include "daemon/main/control-socket.h"
#include "daemon/main/held.h"
#include "daemon/main/scep-socket.h"
#include "daemon/main/timers.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define SESSIONS_ASSUMED 4   /* of a token whose Sessions= is unset */
#define TOKEN_PLACES	 512 /* in each of a token's two queues */
#define DESK_THREADS	 3
#define DESK_PLACES	 128

static int open_workers(struct daemon *daemon)
{
	const struct conf *conf = daemon->flow->conf;
	int r = 0;

	daemon->token_workers = calloc(conf->n_tokens + 1, sizeof(*daemon->token_workers));
	if (!daemon->token_workers)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < conf->n_tokens; i++) {
		unsigned sessions =
			conf->tokens[i].sessions ? conf->tokens[i].sessions : SESSIONS_ASSUMED;

		r = workers_new(daemon->loop, sessions + 1, TOKEN_PLACES,
				&daemon->token_workers[i]);
	}
	return r < 0 ? r : workers_new(daemon->loop, DESK_THREADS, DESK_PLACES, &daemon->desk);
}

/* Its default would end the daemon, which an operator who changed the configuration does not mean.
 */
static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	(void)source;
	(void)info;
	(void)context;
	log_warning(LOG_PLAIN, "the configuration is read at the start alone: restart clavigerd");
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
		r = sd_event_add_signal(daemon->loop, NULL, SIGHUP, on_hangup, NULL);
	if (r >= 0)
		r = sd_event_set_watchdog(daemon->loop, true);
	return r;
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
		r = flow_tell_weaknesses(daemon->flow, clock_now_s());
	if (r >= 0)
		r = open_workers(daemon);
	if (r >= 0)
		r = held_new(daemon, &daemon->held);
	if (r >= 0)
		r = timers_new(daemon, &daemon->timers);
	if (r >= 0)
		r = scep_socket_open(daemon, &daemon->scep);
	if (r >= 0)
		r = control_socket_open(daemon, &daemon->control);
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
	log_notice(LOG_FIELDS(log_number("SERVERS", (int64_t)daemon->flow->conf->n_servers)),
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
	scep_socket_stop(daemon->scep);
	control_socket_stop(daemon->control);
	timers_stop(daemon->timers);
	held_give_up(daemon->held);
	for (size_t i = 0; daemon->token_workers && i < daemon->flow->conf->n_tokens; i++)
		workers_free(daemon->token_workers[i]);
	workers_free(daemon->desk);
	held_give_up(daemon->held);
	held_free(daemon->held);
	timers_free(daemon->timers);
	scep_socket_free(daemon->scep);
	control_socket_free(daemon->control);
	free(daemon->token_workers);
	flow_close(daemon->flow);
	sd_event_unref(daemon->loop);
	free(daemon);
	return NULL;
}

void daemon_closep(struct daemon **daemon)
{
	daemon_close(*daemon);
}

struct workers *daemon_workers_of(struct daemon *daemon, const struct conf_server *server)
{
	const struct conf *conf = daemon->flow->conf;

	for (size_t i = 0; i < conf->n_tokens; i++)
		if (!strcmp(conf->tokens[i].name, server->token))
			return daemon->token_workers[i];
	return NULL;
}
