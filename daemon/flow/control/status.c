/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/ca/lifecycle.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/publication/space.h"
#include "daemon/flow/succession/adopt.h"
#include "daemon/flow/succession/authority-standing.h"

static json_t *json_token(struct token_link *token)
{
	struct token_facts facts;

	if (token_link_status(token, &facts))
		return json_pack("{s:s, s:s, s:s}", "name", token_link_name(token), "state",
				 "absent", "reason",
				 "its process does not answer (claviger-token)");
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:b, s:b, s:b}",
			 "name", token_link_name(token), "state", token_state_name(facts.state),
			 "reason", facts.reason, "label", facts.label, "serial", facts.serial,
			 "manufacturer", facts.manufacturer, "model", facts.model, "sessions",
			 (int)facts.sessions, "leastBits", (int)facts.least_bits, "mostBits",
			 (int)facts.most_bits, "keys", (int)facts.keys, "pinCountLow",
			 facts.pin_count_low, "pinFinalTry", facts.pin_final_try, "pinLocked",
			 facts.pin_locked);
}

static json_t *json_tokens(struct flow *flow)
{
	json_t *list = json_array();

	for (size_t i = 0; i < flow->conf->n_tokens; i++)
		json_array_append_new(list, json_token(flow->tokens[i]));
	return list;
}

json_t *control_token_list(const struct control_turn *turn)
{
	return control_reply_new(json_pack("{s:o}", "tokens", json_tokens(turn->flow)), false);
}

json_t *control_token_adopted(const struct control_turn *turn)
{
	const char *name = control_text(turn, "token");
	struct token_link *token = flow_find_token(turn->flow, name);
	_cleanup_(freep) char *reason = NULL;
	struct adopted adopted;
	int r;

	if (!token)
		return control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
					 "no [Token %s] in the configuration", name);
	r = flow_adopt_token(turn->flow, token, turn->actor, turn->now_s, &adopted, &reason);
	if (r)
		return control_failure(r, reason);
	return control_reply_new(json_pack("{s:s, s:s, s:i}", "token", name, "serial",
					   adopted.serial, "records", (int)adopted.records),
				 false);
}

static json_t *json_server(struct flow *flow, struct authority *authority, int64_t now_s)
{
	struct authority_standing standing;
	const char *reason = "";
	enum ca_server_state state;
	json_t *shown;

	if (authority_standing_load(flow, authority, now_s, &standing) < 0)
		return NULL;
	state = ca_server_state(&standing.facts, now_s, &reason);
	shown = json_pack("{s:s, s:s, s:s, s:o?}", "name", authority->conf->label, "state",
			  ca_server_state_name(state), "reason", reason ? reason : "", "rollover",
			  control_json_rollover(flow, authority, standing.generations, now_s));
	authority_standing_done(&standing);
	return control_add_parked(flow, authority, shown);
}

static void add_space(void *context, const struct space *space)
{
	json_array_append_new(context,
			      json_pack("{s:s, s:I, s:b}", "path", space->path, "freeMiB",
					(json_int_t)(space->free_bytes >> 20), "low", space->low));
}

json_t *control_status(const struct control_turn *turn)
{
	struct flow *flow = turn->flow;
	const char *storage = "";
	json_t *servers = json_array(), *space = json_array();
	bool good = store_is_writable(flow->store, &storage);

	for (size_t i = 0; i < flow->conf->n_servers; i++)
		json_array_append_new(servers,
				      json_server(flow, &flow->authorities[i], turn->now_s));
	flow_space(flow, add_space, space);
	return control_reply_new(
		json_pack("{s:s, s:o, s:o, s:o, s:{s:s, s:b}, s:{s:b, s:s}, s:o}", "version",
			  CLAVIGER_VERSION, "servers", servers, "trustpoints",
			  control_json_trustpoint_standings(turn), "tokens", json_tokens(flow),
			  "time", "source",
			  conf_time_source_to_string(flow->conf->daemon.time_source), "good",
			  time_source_is_good(&flow->time), "storage", "good", good, "reason",
			  good || !storage ? "" : storage, "space", space),
		false);
}

json_t *control_log(const struct control_turn *turn)
{
	const char *name = control_text(turn, "area");
	enum log_area area = LOG_AREA_ALL;
	enum log_level level;

	if (log_read_level(control_text(turn, "level"), &level) < 0)
		return control_error_new(CONTROL_ERROR_INVALID, "level",
					 "levels: error, warning, notice, info, debug");
	if (name && log_read_area(name, &area) < 0)
		return control_error_new(CONTROL_ERROR_INVALID, "area",
					 "areas: server, transactions, messages, token");
	log_set_area_level(area, level);
	log_notice(LOG_FIELDS(log_text("ACTOR", turn->actor)), "log level%s%s set to %s",
		   name ? " of " : "", name ? name : "", control_text(turn, "level"));
	return control_reply_new(NULL, false);
}
