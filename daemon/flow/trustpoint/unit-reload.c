/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/unit-reload.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define SYSTEMD	     "org.freedesktop.systemd1"
#define MANAGER	     SYSTEMD ".Manager"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define UNIT	     SYSTEMD ".Unit"
#define UNIT_PATH    MANAGER_PATH "/unit"
#define PATIENCE_US  ((uint64_t)UNIT_RELOAD_PATIENCE_S * 1000000)

/* One conversation with systemd, on a bus and a loop of its own. */
struct talk {
	const char *unit;
	char *path;   /* of the unit, as an object */
	char *job;    /* as an object; NULL before there is one */
	char *result; /* how it ended: "done", "failed", …; NULL: it goes on */
	sd_event *loop;
	sd_bus *bus;
};

static void talk_done(struct talk *talk)
{
	if (talk->bus)
		sd_bus_detach_event(talk->bus);
	sd_bus_close_unref(talk->bus);
	sd_event_unref(talk->loop);
	free(talk->path);
	free(talk->job);
	free(talk->result);
}

__attribute__((format(printf, 3, 4))) static int refuse(const struct talk *talk, char **ret_reason,
							const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (n < 0)
		return text = NULL, -ENOMEM;
	return text_format(ret_reason, "unit %s was not reloaded: %s", talk->unit, text) < 0
		       ? -ENOMEM
		       : UNIT_RELOAD_FAILED;
}

/* What stands behind a failure, and what to do about it. */
static int refuse_call(const struct talk *talk, const sd_bus_error *error, int r, char **ret_reason)
{
	static const struct {
		const char *name, *advice;
	} rows[] = {
		{SD_BUS_ERROR_ACCESS_DENIED, "polkit has no rule that lets clavigerd do it: "
					     "claviger config check prints the rule"},
		{SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
		 "polkit has no rule that lets clavigerd do it: "
		 "claviger config check prints the rule"},
		{SYSTEMD ".JobTypeNotApplicable",
		 "it has no ExecReload=: give it one by a drop-in"},
		{SYSTEMD ".NoSuchUnit", "there is no such unit"},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (sd_bus_error_has_name(error, rows[i].name))
			return refuse(talk, ret_reason, "%s", rows[i].advice);
	return refuse(talk, ret_reason, "%s", error->message ? error->message : strerror(-r));
}

static int read_state(struct talk *talk, const char *property, char **ret, char **ret_reason)
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_get_property_string(talk->bus, SYSTEMD, talk->path, UNIT, property, &error,
					   ret);

	return r < 0 ? refuse_call(talk, &error, r, ret_reason) : 0;
}

/* Any other than these has files open that it read before. */
static bool is_at_rest(const char *state)
{
	return !strcmp(state, "inactive") || !strcmp(state, "failed") ||
	       !strcmp(state, "deactivating");
}

static int on_removed(sd_bus_message *message, void *context, sd_bus_error *error)
{
	struct talk *talk = context;
	const char *job, *unit, *result;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0 || talk->result ||
	    strcmp(unit, talk->unit) != 0 || (talk->job && strcmp(job, talk->job) != 0))
		return 0;
	talk->result = strdup(result);
	return sd_event_exit(talk->loop, talk->result ? 0 : -ENOMEM);
}

static int on_late(sd_event_source *source, uint64_t usec, void *context)
{
	struct talk *talk = context;

	(void)source;
	(void)usec;
	return sd_event_exit(talk->loop, 0);
}

static int open_talk(struct talk *talk)
{
	int r = sd_event_new(&talk->loop);

	if (r >= 0)
		r = sd_bus_open_system(&talk->bus);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(talk->bus, PATIENCE_US);
	if (r >= 0)
		r = sd_bus_path_encode(UNIT_PATH, talk->unit, &talk->path);
	if (r >= 0)
		r = sd_bus_match_signal(talk->bus, NULL, SYSTEMD, MANAGER_PATH, MANAGER,
					"JobRemoved", on_removed, talk);
	/* Without a subscriber systemd tells nothing. */
	if (r >= 0)
		r = sd_bus_call_method(talk->bus, SYSTEMD, MANAGER_PATH, MANAGER, "Subscribe", NULL,
				       NULL, NULL);
	if (r >= 0)
		r = sd_bus_attach_event(talk->bus, talk->loop, 0);
	return r < 0 ? r
		     : sd_event_add_time_relative(talk->loop, NULL, CLOCK_MONOTONIC, PATIENCE_US, 0,
						  on_late, talk);
}

/* What is said of the job before its name is known waits in the bus until the loop runs. */
static int order(struct talk *talk, char **ret_reason)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	const char *job;
	int r = sd_bus_call_method(talk->bus, SYSTEMD, MANAGER_PATH, MANAGER, "ReloadUnit", &error,
				   &reply, "ss", talk->unit, "replace");

	if (r < 0)
		return refuse_call(talk, &error, r, ret_reason);
	r = sd_bus_message_read(reply, "o", &job);
	if (r < 0)
		return refuse_call(talk, &error, r, ret_reason);
	talk->job = strdup(job);
	return talk->job ? 0 : -ENOMEM;
}

static int wait_for_end(struct talk *talk, char **ret_reason)
{
	int r = sd_event_loop(talk->loop);

	if (r < 0)
		return refuse(talk, ret_reason, "%s", strerror(-r));
	if (!talk->result)
		return refuse(talk, ret_reason, "it takes longer than %d s",
			      UNIT_RELOAD_PATIENCE_S);
	if (strcmp(talk->result, "done") != 0)
		return refuse(talk, ret_reason, "the reload ended as %s: systemctl status %s",
			      talk->result, talk->unit);
	log_notice(LOG_FIELDS(log_text("UNIT", talk->unit)), "unit reloaded");
	return 0;
}

static int reload(struct talk *talk, char **ret_reason)
{
	_cleanup_(freep) char *load = NULL, *state = NULL;
	int r = read_state(talk, "LoadState", &load, ret_reason);

	if (!r)
		r = read_state(talk, "ActiveState", &state, ret_reason);
	if (r)
		return r;
	if (!strcmp(load, "not-found"))
		return refuse(talk, ret_reason, "there is no such unit");
	if (is_at_rest(state)) {
		log_info(LOG_FIELDS(log_text("UNIT", talk->unit)),
			 "unit not reloaded: it does not run");
		return 0;
	}
	r = order(talk, ret_reason);
	return r ? r : wait_for_end(talk, ret_reason);
}

int unit_reload(const char *unit, char **ret_reason)
{
	struct talk talk = {.unit = unit};
	int r = open_talk(&talk);

	r = r < 0 ? refuse(&talk, ret_reason, "the system's D-Bus can't be reached: %s",
			   strerror(-r))
		  : reload(&talk, ret_reason);
	talk_done(&talk);
	return r;
}
