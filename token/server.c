/* SPDX-License-Identifier: Apache-2.0 */
#include "token/server.h"
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/socket.h"
#include "daemon/conf/program.h"
#include "token/changes.h"
#include "token/door.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>

/* Requests that wait for a thread: a second's worth of a fast token. */
#define QUEUE_MOST 1024
/* How long threads may take to end what they do before the process ends without them. */
#define END_WITHIN_MS 5000

/* The thread's side of a timer: at most one at a time. */
struct upkeep {
	struct pool_job job; /* first */
	struct server *server;
	enum presence_wait kind;
	atomic_bool pending;
};

struct server {
	sd_event *event;
	char *configuration;
	struct conf *conf;
	struct service *service;
	struct pool *pool;
	struct door *doors[2];
	struct changes *changes;
	sd_event_source *presence_timer, *watch_timer;
	struct upkeep upkeep;
	bool open_again; /* something changed while the token was looked after */
};

/* Looking after the token. */

static void run_upkeep(struct pool_job *job, unsigned seat)
{
	struct upkeep *upkeep = (struct upkeep *)job;
	struct keeper *keeper = upkeep->server->service->keeper;

	if (upkeep->kind == PRESENCE_OPEN_AGAIN)
		keeper_open(keeper, seat);
	else
		keeper_look(keeper, seat);
	atomic_store(&upkeep->pending, false);
	/* So that the loop sets its timer anew. */
	(void)eventfd_write(keeper_wake_fd(keeper), 1);
}

static void drop_upkeep(struct pool_job *job)
{
	atomic_store(&((struct upkeep *)job)->pending, false);
}

static void start_upkeep(struct server *server, enum presence_wait kind)
{
	struct upkeep *upkeep = &server->upkeep;

	if (atomic_exchange(&upkeep->pending, true)) {
		server->open_again |= kind == PRESENCE_OPEN_AGAIN;
		return;
	}
	server->open_again = false;
	upkeep->job = (struct pool_job){.run = run_upkeep, .drop = drop_upkeep};
	upkeep->server = server;
	upkeep->kind = kind;
	pool_submit_first(server->pool, &upkeep->job);
}

static int on_presence_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct server *server = userdata;
	struct keeper_view view;

	(void)source;
	(void)usec;
	keeper_view(server->service->keeper, &view);
	start_upkeep(server, view.wait);
	return 0;
}

static int set_timer(sd_event_source *timer, int64_t delay_ms)
{
	int r = sd_event_source_set_time_relative(timer, (uint64_t)delay_ms * 1000);

	return r < 0 ? r : sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static void tell_systemd(const struct keeper_view *view)
{
	(void)sd_notifyf(0, "STATUS=token %s%s%s", token_state_name(view->state),
			 view->reason[0] ? ": " : "", view->reason);
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct server *server = userdata;
	struct keeper_view view;
	eventfd_t count;
	int r;

	(void)source;
	(void)events;
	(void)eventfd_read(fd, &count);
	keeper_view(server->service->keeper, &view);
	tell_systemd(&view);
	if (view.wants_restart) {
		log_error(LOG_PLAIN, "the token can't be recovered: starting anew");
		return sd_event_exit(server->event, SERVER_HUNG);
	}
	r = pool_grow(server->pool, view.seats);
	if (r < 0)
		log_warning(LOG_PLAIN, "not all threads can be started: %s", strerrordesc_np(-r));
	if (atomic_load(&server->upkeep.pending))
		return 0;
	if (server->open_again)
		start_upkeep(server, PRESENCE_OPEN_AGAIN);
	return set_timer(server->presence_timer, presence_delay_ms(view.wait, view.tries));
}

static int64_t watch_period_ms(void)
{
	return watch_limit_ms(WATCH_SIGN) / 20;
}

static int on_watch_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct server *server = userdata;
	enum watch_operation operation;

	(void)usec;
	if (!watch_is_overdue(keeper_watches(server->service->keeper), KEEPER_SEATS_MAX,
			      clock_monotonic_ms(), &operation))
		return set_timer(source, watch_period_ms());
	log_error(LOG_FIELDS(log_text("TOKEN", server->service->name),
			     log_text("OPERATION", watch_name(operation))),
		  "the module hangs (to %s took over %d ms): starting anew", watch_name(operation),
		  (int)watch_limit_ms(operation));
	return sd_event_exit(server->event, SERVER_HUNG);
}

/* The configuration. */

static void load_again(void *context);
static void pin_changed(void *context);

static int watch_changes(struct server *server)
{
	const struct conf_token *token = conf_find_token(server->conf, server->service->name);
	bool is_path = token && token->pin && strchr(token->pin, '/');
	const struct changes_facts facts = {
		.configuration = server->configuration,
		.pin = is_path ? token->pin : NULL,
		.on_configuration = load_again,
		.on_pin = pin_changed,
		.context = server,
	};

	server->changes = changes_stop(server->changes);
	return changes_watch(server->event, &facts, &server->changes);
}

static bool is_ready(struct server *server)
{
	struct keeper_view view;

	keeper_view(server->service->keeper, &view);
	return view.state == TOKEN_READY;
}

/* A wrong one is logged and changes nothing. */
static void load_again(void *context)
{
	struct server *server = context;
	struct conf *conf;
	int r;

	if (program_load_configuration(server->configuration, &conf) < 0)
		return;
	r = service_configure(server->service, conf);
	if (r == -ENOENT)
		log_error(LOG_FIELDS(log_text("TOKEN", server->service->name)),
			  "the configuration has no such [Token] any more; the old one stays");
	conf_unref(server->conf);
	server->conf = conf;
	if (r >= 0)
		r = watch_changes(server);
	if (r < 0)
		log_warning(LOG_PLAIN, "the new configuration counts in parts only: %s",
			    strerrordesc_np(-r));
	else
		log_info(LOG_PLAIN, "the configuration was read again");
	/* Whoever changes a configuration while the token is not ready means to help. */
	if (r != SERVICE_UNCHANGED || !is_ready(server))
		start_upkeep(server, PRESENCE_OPEN_AGAIN);
}

static void pin_changed(void *context)
{
	struct server *server = context;

	if (!is_ready(server))
		start_upkeep(server, PRESENCE_OPEN_AGAIN);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	(void)source;
	(void)info;
	load_again(userdata);
	return 0;
}

/* Opening. */

static int add_sources(struct server *server)
{
	struct keeper *keeper = server->service->keeper;
	int r;

	r = sd_event_add_io(server->event, NULL, keeper_wake_fd(keeper), EPOLLIN, on_wake, server);
	if (r >= 0)
		r = sd_event_add_time_relative(server->event, &server->presence_timer,
					       CLOCK_BOOTTIME, 0, 0, on_presence_timer, server);
	if (r >= 0)
		r = sd_event_add_time_relative(server->event, &server->watch_timer, CLOCK_BOOTTIME,
					       (uint64_t)watch_period_ms() * 1000, 0,
					       on_watch_timer, server);
	if (r >= 0)
		r = sd_event_add_signal(server->event, NULL, SIGHUP, on_hangup, server);
	if (r >= 0)
		r = sd_event_add_signal(server->event, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(server->event, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_set_watchdog(server->event, true);
	return r < 0 ? r : 0;
}

static const struct {
	enum request_door door;
	const char *name, *suffix;
	mode_t mode;
} door_rows[] = {
	{REQUEST_DAEMON, "token", "sock", 0660},
	{REQUEST_OPERATOR, "admin", "admin", 0600},
};

static int open_door(struct server *server, const char *directory, size_t i)
{
	struct door_facts facts = {
		.door = door_rows[i].door,
		.service = server->service,
		.pool = server->pool,
	};
	_cleanup_(freep) char *path = NULL;
	int r;

	r = text_format(&path, "%s/%s.%s", directory, server->service->name, door_rows[i].suffix);
	if (r == 0)
		r = socket_listen(door_rows[i].name, path, SOCK_SEQPACKET, door_rows[i].mode,
				  &facts.fd);
	if (r < 0) {
		log_error(LOG_FIELDS(log_text("PATH", path)), "can't listen: %s",
			  strerrordesc_np(-r));
		return r;
	}
	return door_open(server->event, &facts, &server->doors[i]);
}

static int open_doors(struct server *server)
{
	_cleanup_(freep) char *directory = NULL;
	int r;

	r = text_format(&directory, "%s/token", server->conf->daemon.runtime_directory);
	/* Under systemd it is there, with the sockets in it, and may not be ours to make. */
	if (r == 0 && directory_make(directory, 0755) < 0)
		log_debug(LOG_FIELDS(log_text("DIRECTORY", directory)), "can't be made");
	for (size_t i = 0; i < ELEMENTS(door_rows) && r == 0; i++)
		r = open_door(server, directory, i);
	return r;
}

static int open_all(struct server *server, const struct server_facts_of_start *facts)
{
	int r;

	r = text_format(&server->configuration, "%s", facts->configuration);
	if (r == 0)
		r = program_load_configuration(server->configuration, &server->conf);
	if (r == 0)
		r = program_use_test_clock(server->conf);
	if (r == 0)
		r = service_open(facts->token, server->conf, &server->service);
	if (r == 0)
		r = sd_event_default(&server->event);
	if (r >= 0)
		r = pool_new(QUEUE_MOST, &server->pool);
	if (r == 0)
		r = add_sources(server);
	if (r == 0)
		r = watch_changes(server);
	if (r == 0)
		r = open_doors(server);
	return r;
}

int server_open(const struct server_facts_of_start *facts, struct server **ret)
{
	struct server *server = calloc(1, sizeof(*server));
	int r = server ? open_all(server, facts) : -ENOMEM;

	if (r == 0) {
		*ret = server;
		return 0;
	}
	/* Nothing was asked of the token yet, so no thread can be stuck. */
	if (server && server_close(server) == SERVER_HUNG)
		log_debug(LOG_PLAIN, "a thread did not end");
	return r;
}

int server_run(struct server *server)
{
	(void)sd_notify(0, "READY=1");
	return sd_event_loop(server->event);
}

int server_close(struct server *server)
{
	for (size_t i = 0; i < ELEMENTS(server->doors); i++)
		server->doors[i] = door_close(server->doors[i]);
	if (server->pool && pool_stop(server->pool, END_WITHIN_MS) < 0)
		return SERVER_HUNG;
	server->changes = changes_stop(server->changes);
	(void)sd_event_source_disable_unref(server->presence_timer);
	(void)sd_event_source_disable_unref(server->watch_timer);
	server->service = service_close(server->service);
	sd_event_unref(server->event);
	conf_unref(server->conf);
	free(server->configuration);
	free(server);
	return 0;
}
