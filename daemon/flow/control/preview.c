/* SPDX-License-Identifier: Apache-2.0 */
/* What will be done, and when: the next of each thing (timers), and all that is coming (preview).
 */
#include "daemon/base/text.h"
#include "daemon/ca/foresight.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/notice/notice.h"
#include "daemon/flow/server/server.h"
#include <stdlib.h>

#define TIMERS_MOST 32
#define EVENTS_MOST 20000 /* three years with a CRL every three hours */

/* Planned from; the caller's records. */
struct outlook {
	struct ca_server_record record;
	struct generations *generations;
	struct ca_plan_facts facts;
};

static void outlook_done(struct outlook *outlook)
{
	ca_server_record_done(&outlook->record);
	generations_unref(outlook->generations);
}

/* STORE_NOT_FOUND where it is not created; -errno. */
static int outlook_load(struct flow *flow, struct authority *authority, int64_t now_s,
			struct outlook *ret)
{
	int r;

	ret->generations = authority_generations(authority);
	r = flow_server_facts(flow, authority, ret->generations, &ret->record, &ret->facts);
	return r ? r
		 : store_password_first_expiry(flow->store, authority->conf->label, now_s,
					       &ret->facts.first_password_expiry_s);
}

static void list_timers(struct flow *flow, struct authority *authority, int64_t now_s, json_t *list)
{
	_cleanup_(outlook_done) struct outlook outlook = {};
	struct ca_plan plans[TIMERS_MOST];
	size_t n;

	if (outlook_load(flow, authority, now_s, &outlook))
		return;
	n = ca_plan_list(&outlook.facts, now_s, plans, ELEMENTS(plans));
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:o?, s:I}", "server", authority->conf->label,
					"timer", ca_action_name(plans[i].action), "when",
					control_json_time(plans[i].when_s), "inSeconds",
					(json_int_t)(plans[i].when_s - now_s)));
}

/* That of a server that issues its own certificate does nothing by itself. */
static void list_trustpoints(const struct control_turn *turn, json_t *list)
{
	const struct conf *conf = turn->flow->conf;

	for (size_t i = 0; i < conf->n_trustpoints; i++) {
		_cleanup_(control_jsonp) json_t *own = NULL;

		if (conf_trustpoint_is_idle(conf, conf->trustpoints[i].name))
			continue;
		own = control_json_timers(turn->flow, &conf->trustpoints[i], turn->now_s);
		json_array_extend(list, own);
	}
}

struct notices {
	struct flow *flow;
	int64_t now_s;
	json_t *list;
};

static int list_notice(void *context, const struct notice_thing *thing)
{
	const struct notices *notices = context;
	bool of_server = ca_notice_is_of_server(thing->facts.kind);
	struct ca_notice notice = ca_notice_due(&thing->facts, notices->now_s);

	if (notice.next_s == INT64_MAX)
		return 0;
	json_array_append_new(notices->list,
			      json_pack("{s:s, s:s+, s:o?, s:I}",
					of_server ? "server" : "trustpoint", thing->name, "timer",
					"NOTICE ", ca_notice_type(thing->facts.kind), "when",
					control_json_time(notice.next_s), "inSeconds",
					(json_int_t)(notice.next_s - notices->now_s)));
	return 0;
}

/* When something is told of next that expires. */
static json_t *list_notices(const struct control_turn *turn, bool good)
{
	struct notices notices = {turn->flow, turn->now_s, json_array()};

	/* What can't be read is missing in the list, as with the timers. */
	if (good && notices.list)
		(void)!notice_list(turn->flow, turn->now_s, list_notice, &notices);
	return notices.list;
}

json_t *control_timers(const struct control_turn *turn)
{
	bool good = time_source_is_good(&turn->flow->time);
	json_t *list = json_array();

	/* Where the time is not known nothing is done at its time. */
	for (size_t i = 0; good && i < turn->flow->conf->n_servers; i++)
		list_timers(turn->flow, &turn->flow->authorities[i], turn->now_s, list);
	if (good)
		control_append_forwards(turn->flow, list, turn->now_s);
	list_trustpoints(turn, list);
	return control_reply_new(
		json_pack("{s:o, s:o?, s:s, s:b, s:o?}", "timers", list, "notices",
			  list_notices(turn, good), "timeSource",
			  conf_time_source_to_string(turn->flow->conf->daemon.time_source),
			  "timeGood", good, "now", control_json_time(turn->now_s)),
		false);
}

static json_t *json_events(const struct outlook *outlook, int64_t now_s, int64_t until_s)
{
	_cleanup_(freep) struct ca_plan *events = calloc(EVENTS_MOST, sizeof(*events));
	json_t *list = events ? json_array() : NULL;
	size_t n;

	if (!list)
		return NULL;
	n = ca_foresee(&outlook->facts, now_s, until_s, events, EVENTS_MOST);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
				      json_pack("{s:o?, s:s, s:I}", "when",
						control_json_time(events[i].when_s), "event",
						ca_action_name(events[i].action), "generation",
						(json_int_t)events[i].generation));
	return list;
}

static json_t *refuse_until(const char *text)
{
	return control_error_new(CONTROL_ERROR_INVALID, "until",
				 "\"%s\" is no time to come: a day as 2030-01-31, or a time as "
				 "2030-01-31T12:00:00Z",
				 text);
}

static json_t *refuse_not_created(const struct authority *authority)
{
	return control_error_new(CONTROL_ERROR_REFUSED, NULL,
				 "server %s is not created: claviger server create %s",
				 authority->conf->label, authority->conf->label);
}

json_t *control_server_preview(const struct control_turn *turn)
{
	_cleanup_(outlook_done) struct outlook outlook = {};
	const char *until = control_text(turn, "until");
	int64_t until_s;
	json_t *error, *events;
	struct authority *authority = control_authority(turn, "label", &error);
	int r;

	if (!authority)
		return error;
	r = outlook_load(turn->flow, authority, turn->now_s, &outlook);
	if (r)
		return r < 0 ? control_failure(r, NULL) : refuse_not_created(authority);
	until_s = ca_foresight_until(&outlook.facts, turn->now_s);
	if (until && (text_read_time(until, &until_s) < 0 || until_s <= turn->now_s))
		return refuse_until(until);
	events = json_events(&outlook, turn->now_s, until_s);
	if (!events)
		return control_failure(-ENOMEM, NULL);
	return control_reply_new(
		json_pack("{s:s, s:o?, s:b, s:o}", "server", authority->conf->label, "until",
			  control_json_time(until_s), "more",
			  json_array_size(events) == EVENTS_MOST, "events", events),
		false);
}
