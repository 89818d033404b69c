/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trustpoints, and servers' own, shown and listed. Read without a turn: who works on one may have
 * to wait for a server, and an operator wants to know just then.
 */
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/store/trustpoint.h"

/* NULL where it can't be read. */
static json_t *load_trustpoint(struct flow *flow, const struct conf_trustpoint *conf, int64_t now_s)
{
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state state = {};
	int r = store_trustpoint_load(flow->store, conf->name, &state);

	return r < 0 ? NULL : control_json_trustpoint(flow, conf, &state, now_s);
}

json_t *control_json_trustpoint_standings(const struct control_turn *turn)
{
	const struct conf *conf = turn->flow->conf;
	json_t *list = json_array();

	for (size_t i = 0; i < conf->n_trustpoints; i++) {
		const struct conf_trustpoint *one = &conf->trustpoints[i];
		_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state state = {};

		if (!conf_find_server(conf, one->name) &&
		    store_trustpoint_load(turn->flow->store, one->name, &state) >= 0)
			json_array_append_new(list, control_json_trustpoint_standing(
							    turn->flow, one, &state, turn->now_s));
	}
	return list;
}

/* A server's own (SRV-05): what it has is what the server's generations are. */
static json_t *json_of_server(struct authority *authority, int64_t now_s)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, now_s);
	const struct generation *shadow = generations_rollover_issuer(generations, now_s);

	if (!active)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:o?, s:o?, s:[], s:[], s:[], s:{s:s, s:s}}", "name",
			 authority->conf->label, "server", authority->conf->label, "state",
			 "the certificate server's own", "enrollment", "none", "ca",
			 control_json_certificate(active->certificate.whole, "Available"), "nextCa",
			 shadow ? control_json_certificate(shadow->certificate.whole, "Available")
				: json_null(),
			 "identities", "nextIdentities", "requests", "key", "label",
			 conf_server_key_label(authority->conf), "token", active->record->token);
}

json_t *control_json_trustpoints(const struct control_turn *turn, bool with_servers)
{
	const struct conf *conf = turn->flow->conf;
	json_t *list = json_array();

	for (size_t i = 0; i < conf->n_trustpoints; i++)
		if (!conf_trustpoint_is_idle(conf, conf->trustpoints[i].name))
			json_array_append_new(
				list,
				load_trustpoint(turn->flow, &conf->trustpoints[i], turn->now_s));
	for (size_t i = 0; with_servers && i < conf->n_servers; i++) {
		struct authority *authority = &turn->flow->authorities[i];
		json_t *one = conf_server_enrolls(authority->conf)
				      ? NULL
				      : json_of_server(authority, turn->now_s);

		if (one)
			json_array_append_new(list, one);
	}
	return list;
}

static json_t *show_own(const struct control_turn *turn, const struct conf_trustpoint *conf)
{
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state state = {};
	json_t *shown, *key;
	int r = store_trustpoint_load(turn->flow->store, conf->name, &state);

	if (r < 0)
		return control_failure(r, NULL);
	shown = control_json_trustpoint(turn->flow, conf, &state, turn->now_s);
	if (shown)
		json_object_set_new(shown, "timers",
				    control_json_timers(turn->flow, conf, turn->now_s));
	key = control_json_trustpoint_key(turn->flow, &state, turn->now_s);
	if (shown && key)
		json_object_set_new(shown, "key", key);
	return control_reply_new(shown, false);
}

json_t *control_trustpoint_show(const struct control_turn *turn)
{
	const char *name = control_text(turn, "name");
	const struct conf_trustpoint *conf = conf_find_trustpoint(turn->flow->conf, name);
	struct authority *authority = conf_trustpoint_is_idle(turn->flow->conf, name)
					      ? flow_find_authority(turn->flow, span_of_text(name))
					      : NULL;
	json_t *shown = authority ? json_of_server(authority, turn->now_s) : NULL;

	if (shown)
		return control_reply_new(shown, false);
	if (authority)
		return control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
					 "server %s has no CA certificate yet: claviger server "
					 "create %s",
					 name, name);
	if (!conf)
		return control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
					 "no [Trustpoint %s] in the configuration", name);
	return show_own(turn, conf);
}

json_t *control_trustpoint_list(const struct control_turn *turn)
{
	return control_reply_list("trustpoints", control_json_trustpoints(turn, true), 0);
}
