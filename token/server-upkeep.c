/* SPDX-License-Identifier: Apache-2.0 */
/* Looking after the token: opening it, seeing whether it is there, and whether its module hangs. */
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "token/program.h"
#include "token/server-internal.h"
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>

/* A module that takes longer for its first word keeps nobody waiting who starts this process. */
#define READY_WITHIN_MS 20000

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

void server_start_upkeep(struct server *server, enum presence_wait kind)
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
	server_start_upkeep(server, view.wait);
	return 0;
}

static int set_timer(sd_event_source *timer, int64_t delay_ms)
{
	int r = sd_event_source_set_time_relative(timer, (uint64_t)delay_ms * 1000);

	return r < 0 ? r : sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

/* Not before the token was looked at: who starts this process and then asks for a key would be told
 * that there is none. */
static void tell_ready(struct server *server)
{
	if (!server->is_told_ready)
		(void)sd_notify(0, "READY=1");
	server->is_told_ready = true;
}

static void tell_systemd(const struct keeper_view *view)
{
	(void)sd_notifyf(0, "STATUS=token %s%s%s", token_state_name(view->state),
			 view->reason[0] ? ": " : "", view->reason);
}

/* Whoever asks people is told by a file. */
static void tell_asker(const struct server *server, const struct keeper_view *view)
{
	const char *name = server->service->name;
	const struct conf_token *token = conf_find_token(server->conf, name);
	bool by_pad = token && token->pin && strcmp(token->pin, "pinpad") == 0;
	_cleanup_(freep) char *question = NULL;
	int r = pin_wanted_ask(name, view, by_pad, &question);

	if (r == 0)
		r = pin_wanted_tell(server->pin_wanted, question);
	if (r < 0)
		log_warning(LOG_PLAIN, "nobody can be told that a PIN is wanted: %s",
			    strerrordesc_np(-r));
}

/* A card was put in or taken out: what the timer would see later is looked at now. */
static void look_at_readers(struct server *server)
{
	server->readers_changed = false;
	if (keeper_readers_changed(server->service->keeper))
		server_start_upkeep(server, PRESENCE_OPEN_AGAIN);
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
	tell_asker(server, &view);
	if (view.wants_restart) {
		log_error(LOG_PLAIN, "the token can't be recovered: starting anew");
		return sd_event_exit(server->event, SERVER_HUNG);
	}
	r = pool_grow(server->pool, view.seats);
	if (r < 0)
		log_warning(LOG_PLAIN, "not all threads can be started: %s", strerrordesc_np(-r));
	if (atomic_load(&server->upkeep.pending))
		return 0;
	tell_ready(server);
	if (server->readers_changed)
		look_at_readers(server);
	if (server->open_again)
		server_start_upkeep(server, PRESENCE_OPEN_AGAIN);
	return set_timer(server->presence_timer, presence_delay_ms(view.wait, view.tries));
}

static int on_readers(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct server *server = userdata;
	eventfd_t count;

	(void)source;
	(void)events;
	(void)eventfd_read(fd, &count);
	server->readers_changed = true;
	if (!atomic_load(&server->upkeep.pending))
		look_at_readers(server);
	return 0;
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
	if (clock_monotonic_ms() - server->began_ms > READY_WITHIN_MS)
		tell_ready(server);
	service_write_tally_when_due(server->service);
	program_tell(server->service);
	if (!watch_is_overdue(keeper_watches(server->service->keeper), KEEPER_SEATS_MAX,
			      clock_monotonic_ms(), &operation))
		return set_timer(source, watch_period_ms());
	log_error(LOG_FIELDS(log_text("TOKEN", server->service->name),
			     log_text("OPERATION", watch_name(operation))),
		  "the module hangs (to %s took over %d ms): starting anew", watch_name(operation),
		  (int)watch_limit_ms(operation));
	return sd_event_exit(server->event, SERVER_HUNG);
}

int server_add_upkeep(struct server *server)
{
	struct keeper *keeper = server->service->keeper;
	int r;

	r = sd_event_add_io(server->event, NULL, keeper_wake_fd(keeper), EPOLLIN, on_wake, server);
	if (r >= 0)
		r = sd_event_add_io(server->event, NULL, keeper_readers_fd(keeper), EPOLLIN,
				    on_readers, server);
	if (r >= 0)
		r = sd_event_add_time_relative(server->event, &server->presence_timer,
					       CLOCK_BOOTTIME, 0, 0, on_presence_timer, server);
	if (r >= 0)
		r = sd_event_add_time_relative(server->event, &server->watch_timer, CLOCK_BOOTTIME,
					       (uint64_t)watch_period_ms() * 1000, 0,
					       on_watch_timer, server);
	return r < 0 ? r : 0;
}
