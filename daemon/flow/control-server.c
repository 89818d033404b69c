/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include "daemon/ca/lifecycle.h"
#include "daemon/flow/control-parts.h"
#include "daemon/flow/server.h"
#include "daemon/x509/name.h"

#define PLANS_MAX 8

typedef int (*server_act)(struct flow *, struct authority *, const char *, int64_t, char **);

static json_t *act(const struct control_turn *turn, server_act function)
{
	_cleanup_(freep) char *reason = NULL;
	json_t *error;
	struct authority *authority = control_authority(turn, "label", &error);
	int r;

	if (!authority)
		return error;
	r = function(turn->flow, authority, turn->actor, turn->now_s, &reason);
	if (r)
		return control_failure(r, reason);
	return control_server_show(turn);
}

json_t *control_server_create(const struct control_turn *turn)
{
	return act(turn, flow_server_create);
}

json_t *control_server_start(const struct control_turn *turn)
{
	return act(turn, flow_server_start);
}

json_t *control_server_stop(const struct control_turn *turn)
{
	return act(turn, flow_server_stop);
}

static json_t *json_counter(uint64_t counter)
{
	char text[17];

	snprintf(text, sizeof(text), "%llx", (unsigned long long)counter);
	return json_string(text);
}

static json_t *json_standing(const struct authority *authority,
			     const struct authority_standing *standing, int64_t now_s)
{
	const struct generation *active = generations_active(standing->generations, now_s);
	struct span certificate = active ? active->certificate.whole : SPAN_LITERAL("");
	const char *reason = "";
	enum ca_server_state state = ca_server_state(&standing->facts, now_s, &reason);

	return json_pack("{s:s, s:s, s:s, s:s, s:o?, s:o, s:s, s:o?, s:o?, s:o?, s:{}}", "name",
			 authority->conf->label, "state", ca_server_state_name(state), "reason",
			 reason ? reason : "", "mode", conf_mode_to_string(authority->conf->mode),
			 "issuer", control_json_name(span_of(authority->name)), "fingerprints",
			 active ? control_json_fingerprints(certificate) : json_object(), "grant",
			 conf_grant_to_string(authority->conf->grant), "lastSerial",
			 json_counter(standing->record.last_counter), "caNotAfter",
			 control_json_time(active ? active->record->not_after_s : 0),
			 "crlNextUpdate", control_json_time(standing->record.crl_next_update_s),
			 "rollover");
}

json_t *control_server_show(const struct control_turn *turn)
{
	struct authority_standing standing;
	json_t *answer;
	struct authority *authority = control_authority(turn, "label", &answer);
	int r;

	if (!authority)
		return answer;
	r = authority_standing_load(turn->flow, authority, turn->now_s, &standing);
	if (r < 0)
		return control_failure(r, NULL);
	answer = control_reply_new(json_standing(authority, &standing, turn->now_s), false);
	authority_standing_done(&standing);
	return answer;
}

static void list_timers(struct flow *flow, struct authority *authority, int64_t now_s, json_t *list)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, now_s);
	struct ca_plan_facts facts = {.server = &record, .active = active ? active->record : NULL};
	struct ca_plan plans[PLANS_MAX];
	size_t n;

	if (store_server_load(flow->store, authority->conf->label, &record) ||
	    store_request_first_expiry(flow->store, authority->conf->label,
				       &facts.first_request_expiry_s) < 0)
		return;
	n = ca_plan_list(&facts, now_s, plans, ELEMENTS(plans));
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:o?, s:I}", "server", authority->conf->label,
					"timer", ca_action_name(plans[i].action), "when",
					control_json_time(plans[i].when_s), "inSeconds",
					(json_int_t)(plans[i].when_s - now_s)));
}

json_t *control_timers(const struct control_turn *turn)
{
	json_t *list = json_array();

	for (size_t i = 0; i < turn->flow->conf->n_servers; i++)
		list_timers(turn->flow, &turn->flow->authorities[i], turn->now_s, list);
	return control_reply_new(
		json_pack("{s:o, s:s, s:b}", "timers", list, "timeSource",
			  conf_time_source_to_string(turn->flow->conf->daemon.time_source),
			  "timeGood", time_source_is_good(&turn->flow->time)),
		false);
}
