/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/socket.h"
#include "daemon/conf/program.h"
#include "token/server-internal.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Requests that wait for a thread: a second's worth of a fast token. */
#define QUEUE_MOST 1024
/* How long threads may take to end what they do before the process ends without them. */
#define END_WITHIN_MS 5000

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

/* A wrong one is logged and changes nothing: -EBADMSG. */
static int take_configuration(struct server *server)
{
	struct conf *conf;
	int r;

	if (program_load_configuration(server->configuration, &conf) < 0)
		return -EBADMSG;
	r = service_configure(server->service, conf);
	if (r == -ENOENT)
		log_error(LOG_FIELDS(log_text("TOKEN", server->service->name)),
			  "the configuration has no such [Token] any more; the old one stays");
	conf_unref(server->conf);
	server->conf = conf;
	return r;
}

/* It says what is to be watched, and may be written once more before that is: so it is read twice.
 */
static void load_again(void *context)
{
	struct server *server = context;
	int first = take_configuration(server), r;

	r = watch_changes(server);
	if (r >= 0)
		r = take_configuration(server);
	if (r == -EBADMSG)
		return;
	if (r == SERVICE_UNCHANGED && first >= 0)
		r = first;
	if (r < 0)
		log_warning(LOG_PLAIN, "the new configuration counts in parts only: %s",
			    strerrordesc_np(-r));
	else
		log_info(LOG_PLAIN, "the configuration was read again");
	/* Whoever changes a configuration while the token is not ready means to help. */
	if (r != SERVICE_UNCHANGED || !is_ready(server))
		server_start_upkeep(server, PRESENCE_OPEN_AGAIN);
}

static void pin_changed(void *context)
{
	struct server *server = context;

	if (!is_ready(server))
		server_start_upkeep(server, PRESENCE_OPEN_AGAIN);
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
	int r = server_add_upkeep(server);

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
		r = pin_wanted_new(getenv("RUNTIME_DIRECTORY"), &server->pin_wanted);
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
	server->began_ms = clock_monotonic_ms();
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
	server->pin_wanted = pin_wanted_free(server->pin_wanted);
	server->service = service_close(server->service);
	sd_event_unref(server->event);
	conf_unref(server->conf);
	free(server->configuration);
	free(server);
	return 0;
}
