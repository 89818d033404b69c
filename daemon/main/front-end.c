/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/front-end.h"
#include "daemon/base/log.h"
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define SYSTEMD	       "org.freedesktop.systemd1"
#define MANAGER	       "org.freedesktop.systemd1.Manager"
#define MANAGER_PATH   "/org/freedesktop/systemd1"
#define UNIT	       "org.freedesktop.systemd1.Unit"
#define UNIT_PATH      MANAGER_PATH "/unit/claviger_2dhttp_2esocket"
#define UNIT_NAME      "claviger-http.socket"
#define PROPERTIES     "org.freedesktop.DBus.Properties"
#define LOCAL	       "org.freedesktop.DBus.Local"
#define LOCAL_PATH     "/org/freedesktop/DBus/Local"
#define ASK_TIMEOUT_US 5000000
#define PAUSE_FIRST_S  1
#define PAUSE_MOST_S   60

struct front_end {
	struct daemon *daemon;
	sd_bus *bus;
	sd_event_source *timer; /* of the next attempt to connect */
	unsigned pause_s;	/* before it; 0: systemd has answered since */
	bool gone;		/* and that was told */
};

static void note(struct front_end *front_end, bool missing)
{
	struct flow *flow = front_end->daemon->flow;

	if (flow_set_http_missing(flow, missing))
		flow_changed(flow);
}

static void note_answer(struct front_end *front_end, bool missing)
{
	if (front_end->gone)
		log_notice(LOG_PLAIN, "D-Bus is back: whether the HTTP port is open is known");
	front_end->gone = false;
	front_end->pause_s = 0;
	note(front_end, missing);
}

/* Who tells nothing any more is not believed for ever: a port that was closed may be open again. */
static void connect_later(struct front_end *front_end)
{
	int armed = SD_EVENT_OFF;

	note(front_end, false);
	(void)sd_event_source_get_enabled(front_end->timer, &armed);
	if (armed != SD_EVENT_OFF)
		return;
	front_end->pause_s = front_end->pause_s ? front_end->pause_s * 2 : PAUSE_FIRST_S;
	if (front_end->pause_s > PAUSE_MOST_S)
		front_end->pause_s = PAUSE_MOST_S;
	(void)sd_event_source_set_time_relative(front_end->timer, front_end->pause_s * 1000000ULL);
	(void)sd_event_source_set_enabled(front_end->timer, SD_EVENT_ONESHOT);
}

/* Told by a state of systemd's: a socket that listens is "active", also while it starts the
 * service. */
static bool is_missing(const char *state)
{
	return !strcmp(state, "inactive") || !strcmp(state, "failed") ||
	       !strcmp(state, "deactivating");
}

/* A text of the unit's. -errno also where systemd did not answer. */
static int read_property(sd_bus_message *reply, const char **ret)
{
	int r = sd_bus_message_get_errno(reply);

	if (r)
		return -r;
	r = sd_bus_message_enter_container(reply, 'v', "s");
	return r < 0 ? r : sd_bus_message_read(reply, "s", ret);
}

static int ask(struct front_end *front_end, const char *property, sd_bus_message_handler_t then)
{
	int r = sd_bus_call_method_async(front_end->bus, NULL, SYSTEMD, UNIT_PATH, PROPERTIES,
					 "Get", then, front_end, "ss", UNIT, property);

	if (r < 0)
		connect_later(front_end);
	return r;
}

static int on_state(sd_bus_message *reply, void *context, sd_bus_error *error)
{
	const char *state = "";

	(void)error;
	if (read_property(reply, &state) < 0)
		connect_later(context);
	else
		note_answer(context, is_missing(state));
	return 0;
}

/* Of a unit that it does not know systemd says that it is inactive. */
static int on_load(sd_bus_message *reply, void *context, sd_bus_error *error)
{
	const char *load = "";

	(void)error;
	if (read_property(reply, &load) < 0)
		connect_later(context);
	else if (!strcmp(load, "not-found"))
		note_answer(context, false);
	else
		(void)ask(context, "ActiveState", on_state);
	return 0;
}

static int on_change(sd_bus_message *message, void *context, sd_bus_error *error)
{
	(void)message;
	(void)error;
	(void)ask(context, "LoadState", on_load);
	return 0;
}

/* Here the bus is still in use: it is let go of when the timer comes. */
static int on_disconnect(sd_bus_message *message, void *context, sd_bus_error *error)
{
	struct front_end *front_end = context;

	(void)message;
	(void)error;
	if (!front_end->gone)
		log_warning(LOG_PLAIN, "D-Bus has gone: until it is back, whether the HTTP port is "
				       "open is not known");
	front_end->gone = true;
	connect_later(front_end);
	return 0;
}

/* Without a subscriber systemd tells nothing. A message may not have been understood: it is asked
 * for its state all the same. */
static int watch(struct front_end *front_end)
{
	sd_bus *bus = front_end->bus;
	int r;

	r = sd_bus_set_method_call_timeout(bus, ASK_TIMEOUT_US);
	if (r >= 0)
		r = sd_bus_match_signal_async(bus, NULL, SYSTEMD, UNIT_PATH, PROPERTIES,
					      "PropertiesChanged", on_change, NULL, front_end);
	if (r >= 0)
		r = sd_bus_match_signal_async(bus, NULL, NULL, LOCAL_PATH, LOCAL, "Disconnected",
					      on_disconnect, NULL, front_end);
	if (r >= 0)
		r = sd_bus_call_method_async(bus, NULL, SYSTEMD, MANAGER_PATH, MANAGER, "Subscribe",
					     on_change, front_end, NULL);
	return r < 0 ? r : sd_bus_attach_event(bus, front_end->daemon->loop, 0);
}

static void disconnect(struct front_end *front_end)
{
	if (front_end->bus)
		sd_bus_detach_event(front_end->bus);
	front_end->bus = sd_bus_close_unref(front_end->bus);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
	struct front_end *front_end = context;
	int r;

	(void)source;
	(void)usec;
	disconnect(front_end);
	r = sd_bus_open_system(&front_end->bus);
	if (r >= 0)
		r = watch(front_end);
	if (r >= 0)
		return 0;
	log_debug(LOG_FIELDS(log_number("ERRNO", -r)),
		  "no D-Bus: whether the HTTP port is open is not known");
	connect_later(front_end);
	return 0;
}

int front_end_new(struct daemon *daemon, struct front_end **ret)
{
	struct front_end *front_end = calloc(1, sizeof(*front_end));
	int r;

	if (!front_end)
		return -ENOMEM;
	front_end->daemon = daemon;
	r = sd_event_add_time_relative(daemon->loop, &front_end->timer, CLOCK_MONOTONIC, 0, 0,
				       on_timer, front_end);
	if (r < 0) {
		front_end_free(front_end);
		return r;
	}
	*ret = front_end;
	return 0;
}

struct front_end *front_end_free(struct front_end *front_end)
{
	if (!front_end)
		return NULL;
	disconnect(front_end);
	sd_event_source_disable_unref(front_end->timer);
	free(front_end);
	return NULL;
}
