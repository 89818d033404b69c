/* SPDX-License-Identifier: Apache-2.0 */
/* A server as `server show` has it. */
#include "daemon/ca/lifecycle.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/publication/storage.h"
#include "daemon/flow/ra/relay-files.h"
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/flow/trustpoint/trustpoint.h"
#include <stdio.h>

static json_t *json_counter(uint64_t counter)
{
	char text[17];

	snprintf(text, sizeof(text), "%llx", (unsigned long long)counter);
	return json_string(text);
}

/* Where files are kept: the primary place, and what has one of its own. */
static json_t *json_storage(struct flow *flow, const struct authority *authority)
{
	const struct conf_server *conf = authority->conf;
	_cleanup_(freep) char *primary = NULL;
	const struct {
		const char *type, *place;
	} own[] = {
		{"ser", conf->store_ser}, {"crl", conf->store_crl}, {"crt", conf->store_crt},
		{"cnm", conf->store_cnm}, {"p12", conf->store_p12}, {"pem", conf->store_pem},
	};
	json_t *storage;

	if (storage_primary(flow, authority, &primary) < 0)
		return NULL;
	storage = json_pack("{s:s}", "primary", primary);
	for (size_t i = 0; i < ELEMENTS(own); i++)
		if (own[i].place)
			json_object_set_new(storage, own[i].type, json_string(own[i].place));
	return storage;
}

static int add_target(void *context, const struct storage_view *view)
{
	json_t *list = context;

	return json_array_append_new(
		list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o?, s:o?}", "kind", view->kind, "type",
				view->type, "place", view->place, "state", view->state, "reason",
				view->reason, "since", control_json_time(view->since_s), "nextTry",
				control_json_time(view->next_try_s)));
}

/* Places that files are written to by themselves, and how each stands. */
static json_t *json_targets(struct flow *flow, struct authority *authority, int64_t now_s)
{
	json_t *list = json_array();

	if (storage_show(flow, authority, now_s, add_target, list) == 0)
		return list;
	json_decref(list);
	return NULL;
}

/* The CA above a server that asks one for its certificates, once it was authenticated. */
static int load_anchor(struct flow *flow, const struct authority *authority, int64_t now_s,
		       struct bytes *ret)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	int r = trustpoint_turn_look(flow, authority->conf->label, now_s, &turn);
	const struct ca_anchor_record *anchor = ca_anchor_active(&turn.state, now_s);

	return r < 0 || !anchor ? r : bytes_copy(span_of(anchor->certificate), ret);
}

/* NULL without one, or where it was not reached yet. */
static json_t *json_upper(struct flow *flow, const struct authority *authority, int64_t now_s)
{
	_cleanup_(bytes_done) struct bytes der = {};
	struct x509_certificate certificate;
	int r = 0;

	if (conf_server_is_transparent(authority->conf))
		r = flow_relay_ca(flow, authority, now_s, &der);
	else if (conf_server_enrolls(authority->conf))
		r = load_anchor(flow, authority, now_s, &der);
	if (r || !der.size || x509_certificate_read(span_of(der), &certificate) < 0)
		return NULL;
	return json_pack("{s:o?, s:o?, s:o?, s:o?}", "subject",
			 control_json_name(certificate.subject), "serial",
			 control_json_hex(certificate.serial, true), "notAfter",
			 control_json_time(certificate.not_after_s), "fingerprints",
			 control_json_fingerprints(certificate.whole));
}

/* In the order in which it is printed. */
static json_t *json_standing(struct flow *flow, struct authority *authority,
			     const struct authority_standing *standing, int64_t now_s)
{
	const struct conf_server *conf = authority->conf;
	const struct generation *active = generations_active(standing->generations, now_s);
	const char *reason = "";
	enum ca_server_state state = ca_server_state(&standing->facts, now_s, &reason);
	bool locked = standing->facts.created && standing->facts.wanted;
	/* An RA speaks in its CA's name, and has none of its own. */
	struct span issuer = !conf_server_is_ra(conf) ? span_of(authority->name)
			     : active		      ? active->certificate.subject
						      : (struct span){};

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:b, s:s, s:o?, s:o, s:o?, s:s, s:o, s:o?, s:o?, s:o, "
		"s:s, s:o?, s:o, s:o?, s:o?}",
		"name", conf->label, "state", ca_server_state_name(state), "reason", reason, "mode",
		conf_mode_to_string(conf->mode), "locked", locked, "lock",
		locked ? "locked (enter \"shut\" to unlock it)"
		       : "unlocked (enter \"no shut\" to lock it)",
		"issuer", control_json_name(issuer), "fingerprints",
		active ? control_json_fingerprints(active->certificate.whole) : json_object(),
		"upperCa", json_upper(flow, authority, now_s), "grant",
		conf_grant_to_string(conf->grant), "lastSerial",
		json_counter(standing->record.last_counter), "caNotAfter",
		control_json_time(active ? active->record->not_after_s : 0), "crlNextUpdate",
		control_json_time(standing->record.crl_next_update_s), "storage",
		json_storage(flow, authority), "databaseLevel",
		conf_database_level_to_string(conf->database_level), "rollover",
		control_json_rollover(flow, authority, standing->generations, now_s), "generations",
		control_json_generations(authority, standing->generations, now_s, false),
		"exchanges", control_json_exchanges(authority, standing->generations, now_s),
		"targets", json_targets(flow, authority, now_s));
}

json_t *control_server_show(const struct control_turn *turn)
{
	struct authority_standing standing;
	json_t *answer;
	struct authority *authority = control_authority(turn, "label", &answer);
	json_t *shown;
	int r;

	if (!authority)
		return answer;
	r = authority_standing_load(turn->flow, authority, turn->now_s, &standing);
	if (r < 0)
		return control_failure(r, NULL);
	shown = json_standing(turn->flow, authority, &standing, turn->now_s);
	json_object_set_new(
		shown, "tokens",
		control_json_tokens_of(turn->flow, authority, standing.generations, turn->now_s));
	json_object_set_new(shown, "proposals",
			    control_json_proposals(turn->flow, authority, turn->now_s));
	authority_standing_done(&standing);
	return control_reply_new(control_add_parked(turn->flow, authority, shown), false);
}
