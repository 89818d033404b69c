/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/configuration/reload.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/configuration/snapshot.h"
#include "daemon/flow/configuration/weakness.h"
#include "daemon/flow/publication/space.h"
#include "daemon/flow/trustpoint/files.h"
#include "daemon/x509/name.h"
#include <string.h>

static void log_lines(enum log_level level, const char *lines)
{
	while (lines && *lines) {
		size_t size = strcspn(lines, "\n");

		log_write(level, LOG_PLAIN, "%.*s", (int)size, lines);
		lines += size + (lines[size] == '\n');
	}
}

void flow_tell_warnings(const struct flow *flow)
{
	log_lines(LOG_LEVEL_WARNING, flow->conf->warnings);
	flow_tell_space(flow);
}

static int record(struct flow *flow, const char *actor, const char *note, int64_t now_s)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.now_s = now_s, .audit = &event.row, .n_audit = 1};
	int r = audit_of_act(AUDIT_CONFIG_RELOAD, actor, NULL, note, &event);

	if (r >= 0)
		r = store_commit(flow->store, &change);
	return r > 0 ? -EBUSY : r;
}

/* Where an option of a server stands, as the beginning of a line. */
static void begin_line(const struct conf *conf, const char *label, const struct conf_option *option,
		       struct buffer *out)
{
	const struct conf_origin *origin =
		conf_find_origin(conf, option->section, span_of_text(label));

	if (out->size)
		buffer_append_byte(out, '\n');
	/* A server's own trustpoint may have lost its section. */
	conf_write_place(conf, origin ? conf_find_place(origin, option) : (struct conf_place){0},
			 out);
	buffer_append_text(out, ": ");
}

/* What the configuration's own reader can't know: which names there are. */
static int find_bad_names(const struct conf *conf, struct buffer *out)
{
	for (size_t i = 0; i < conf->n_servers; i++) {
		const struct conf_server *server = &conf->servers[i];
		_cleanup_(bytes_done) struct bytes name = {};
		size_t where = 0;
		int r = x509_name_from_text(server->issuer_name, &name, &where);

		if (r >= 0)
			continue;
		if (r == -ENOMEM)
			return r;
		begin_line(conf, server->label,
			   conf_find_option(CONF_SERVER, SPAN_LITERAL("IssuerName")), out);
		buffer_append_text(out, "IssuerName=");
		text_append_escaped(out, span_of_text(server->issuer_name));
		buffer_printf(out, ": is no distinguished name from its byte %zu on", where + 1);
	}
	return 0;
}

static int take_refusal(struct buffer *refusal, char **ret_report)
{
	int r = buffer_take_text(refusal, ret_report);

	return r < 0 ? r : FLOW_REFUSED;
}

static void tell_breach(struct flow *fresh, const struct authority *authority,
			const struct conf_breach *breach, struct buffer *out)
{
	begin_line(fresh->conf, authority->conf->label, breach->option, out);
	conf_write_server_breach(authority->conf, breach, out);
}

/* Each server's configuration against what holds for it; a line of @out for each that differs. */
static int find_breaches(struct flow *fresh, struct buffer *out)
{
	for (size_t i = 0; i < fresh->conf->n_servers; i++) {
		_cleanup_(generations_unrefp) struct generations *generations =
			authority_generations(&fresh->authorities[i]);
		struct conf_breach breach = {};
		int r = generations->created ? conf_find_breach(fresh->authorities[i].conf,
								&generations->holding, &breach)
					     : 0;

		if (r < 0)
			return r;
		if (breach.option)
			tell_breach(fresh, &fresh->authorities[i], &breach, out);
	}
	return out->error;
}

/* A server that works is stopped before its section goes. */
static void find_gone(struct flow *running, struct flow *fresh, struct buffer *out)
{
	for (size_t i = 0; i < running->conf->n_servers; i++) {
		const char *label = running->conf->servers[i].label;
		_cleanup_(generations_unrefp) struct generations *generations =
			authority_generations(&running->authorities[i]);

		if (generations->enabled && !flow_find_authority(fresh, span_of_text(label)))
			buffer_printf(out,
				      "%s%s: [Server %s] is gone while the server is enabled: "
				      "claviger server stop %s first",
				      out->size ? "\n" : "", fresh->conf->files[0], label, label);
	}
}

/* Programs may still read them, so they are not taken away: whoever configured those knows when. */
static void tell_left_files(const struct conf *running, const struct conf *fresh,
			    struct buffer *out)
{
	for (size_t i = 0; i < running->n_trustpoints; i++) {
		const struct conf_trustpoint *was = &running->trustpoints[i];
		const struct conf_trustpoint *is = conf_find_trustpoint(fresh, was->name);
		const char *place = was->export_directory;

		if (!trustpoint_export_stands(was) ||
		    (is && is->export_directory && !strcmp(is->export_directory, place)))
			continue;
		buffer_printf(out,
			      "%s[Trustpoint %s] ExportDirectory=%s is given up: the files there "
			      "stay, and are renewed no more; when no program reads them: "
			      "find %s -maxdepth 1 -lname '.%s/*' -delete; rm -r %s/.%s %s/.%s~*",
			      out->size ? "\n" : "", was->name, place, place, was->name, place,
			      was->name, place, was->name);
	}
}

/*
 * A snapshot with another configuration beside @running: servers and tokens of the same name go on
 * with what they have. What may not change under a server is compared with what holds for it.
 */
static int fit(struct flow *running, struct conf *fresh, struct flow **ret, char **ret_report)
{
	_cleanup_(buffer_done) struct buffer refusal = {}, report = {};
	_cleanup_(flow_unrefp) struct flow *flow = NULL;
	int r;

	if (fresh->warnings)
		buffer_append_text(&report, fresh->warnings);
	conf_tell_changes(fresh, running->conf, &report);
	tell_left_files(running->conf, fresh, &report);
	r = find_bad_names(fresh, &refusal);
	if (refusal.size)
		return take_refusal(&refusal, ret_report);
	if (r >= 0)
		r = conf_keep_started(fresh, running->conf, &report);
	if (r >= 0)
		r = flow_snapshot(running, fresh, &flow);
	if (r >= 0)
		r = find_breaches(flow, &refusal);
	if (r < 0)
		return r;
	find_gone(running, flow, &refusal);
	if (refusal.size || refusal.error)
		return take_refusal(&refusal, ret_report);
	if (report.size || report.error)
		r = buffer_take_text(&report, ret_report);
	if (r >= 0)
		*ret = TAKE_PTR(flow);
	return r;
}

static int read_files(struct flow *running, const char *actor, int64_t now_s, struct flow **ret,
		      char **ret_report)
{
	_cleanup_(flow_unrefp) struct flow *fresh = NULL;
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	int r;

	r = conf_load(running->conf->files[0], &conf, ret_report);
	if (r)
		return r == CONF_LOAD_WRONG ? FLOW_REFUSED : r;
	r = fit(running, conf, &fresh, ret_report);
	if (!r)
		r = record(running, actor, NULL, now_s);
	if (!r)
		r = flow_tell_weaknesses(fresh, now_s);
	if (!r)
		*ret = TAKE_PTR(fresh);
	return r;
}

int flow_reload_files(struct flow *running, const char *actor, int64_t now_s, struct flow **ret,
		      char **ret_report)
{
	int r;

	if (!flow_begin_reload(running))
		return FLOW_LATER;
	r = read_files(running, actor, now_s, ret, ret_report);
	if (r)
		flow_end_reload(running);
	log_lines(r ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, *ret_report);
	if (r < 0)
		log_error(LOG_FIELDS(log_number("ERRNO", -r)),
			  "the configuration could not be read again: %s", strerror(-r));
	if (r)
		log_error(LOG_FIELDS(log_event(LOG_EVENT_CONFIGURATION_REFUSED),
				     log_text("ACTOR", actor)),
			  "the configuration stays as it was: nothing was taken over");
	return r;
}

void flow_adopted(struct flow *fresh, bool taken)
{
	flow_end_reload(fresh);
	if (!taken)
		return;
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_CONFIGURATION_TAKEN),
			      log_number("SERVERS", (int64_t)fresh->conf->n_servers)),
		   "the configuration was read again and is in force");
	flow_changed(fresh);
	/* Places of files may be others now. */
	flow_committed(fresh);
}

int flow_allows(const struct authority *authority, const struct conf_option *option,
		const char *value, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	_cleanup_(buffer_done) struct buffer reason = {};
	const struct conf_breach breach = {option, conf_find_held(&generations->holding, option)};
	int r;

	if (!breach.recorded || !strcmp(breach.recorded, value))
		return 0;
	conf_write_breach(authority->conf->label, &breach, span_of_text(value), &reason);
	r = buffer_take_text(&reason, ret_reason);
	return r < 0 ? r : FLOW_REFUSED;
}
