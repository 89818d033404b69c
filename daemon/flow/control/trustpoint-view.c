/* SPDX-License-Identifier: Apache-2.0 */
/* One trustpoint as `trustpoint show` and `certificate ca` have it. */
#include "daemon/flow/control/parts.h"
#include "daemon/flow/trustpoint/standing.h"
#include "daemon/ipc/keys.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/planner.h"
#include "daemon/trustpoint/url.h"
#include <string.h>

static json_t *json_optional(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

/* One view of one trustpoint. */
struct view {
	struct flow *flow;
	const struct conf_trustpoint *conf;
	const struct ca_trustpoint_state *state;
	int64_t now_s;
};

static const int usages[] = {KEY_USAGE_GENERAL, KEY_USAGE_SIGNATURE, KEY_USAGE_ENCRYPTION};

static json_t *json_identities(const struct view *view, bool next)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ELEMENTS(usages); i++) {
		const struct ca_identity_record *identity =
			next ? ca_identity_next(view->state, usages[i], view->now_s)
			     : ca_identity_active(view->state, usages[i], view->now_s);

		if (identity)
			json_array_append_new(
				list,
				control_json_identity(identity, identity->not_after_s < view->now_s
									? "Expired"
									: "Available"));
	}
	return list;
}

static json_t *json_requests(const struct view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->state->n_enrollments; i++)
		json_array_append_new(list, control_json_enrollment(&view->state->enrollments[i]));
	return list;
}

static json_t *json_anchor(const struct view *view, const struct ca_anchor_record *anchor)
{
	return anchor ? control_json_certificate(span_of(anchor->certificate),
						 anchor->not_after_s < view->now_s ? "Expired"
										   : "Available")
		      : json_null();
}

static bool is_terminal(const struct view *view)
{
	return view->conf->enrollment_url && trustpoint_url_is_terminal(view->conf->enrollment_url);
}

static const struct ca_identity_record *any_identity(const struct view *view)
{
	for (size_t i = 0; i < ELEMENTS(usages); i++) {
		const struct ca_identity_record *identity =
			ca_identity_active(view->state, usages[i], view->now_s);

		if (identity)
			return identity;
	}
	return NULL;
}

static const char *state_of(const struct view *view)
{
	const struct ca_identity_record *identity = any_identity(view);
	const struct ca_anchor_record *active = ca_anchor_active(view->state, view->now_s);

	if (!active)
		return "not authenticated";
	if (active->not_after_s < view->now_s &&
	    trustpoint_needs_authenticate(view->state, view->now_s))
		return "the CA has ended, and is to be authenticated anew";
	if (identity)
		return identity->not_after_s < view->now_s ? "enrolled; the certificate has ended"
							   : "enrolled";
	return view->state->n_enrollments ? "authenticated, a request is pending" : "authenticated";
}

/* Whom a rollover of the CA does not reach by itself, and why (MISC-14). */
static const char *why_no_rollover(const struct view *view)
{
	const struct ca_identity_record *identity = any_identity(view);

	if (is_terminal(view) || !view->conf->enrollment_url)
		return "enrolled by terminal: when the CA changes, authenticate and enroll again";
	if (identity && identity->by_hand)
		return "its certificate came by hand: claviger trustpoint enroll takes one by SCEP";
	if (view->state->record.capabilities_s &&
	    !(view->state->record.capabilities & SCEP_CAN_NEXT_CA))
		return "the CA does not offer GetNextCACert";
	return NULL;
}

static json_t *json_halt(const struct view *view)
{
	const struct ca_trustpoint_record *record = &view->state->record;
	const char *act = record->halt == CA_TRUSTPOINT_STRANGER ? "authenticate" : "enroll";
	_cleanup_(buffer_done) struct buffer todo = {};

	if (record->halt == CA_TRUSTPOINT_GOES_ON)
		return json_null();
	buffer_printf(&todo, "claviger trustpoint %s %s", act, view->conf->name);
	return json_pack("{s:s, s:s, s:o?, s:s%}", "why", ca_trustpoint_halt_name(record->halt),
			 "reason", record->halt_reason ? record->halt_reason : "", "since",
			 control_json_time(record->halted_s), "todo", todo.data, todo.size);
}

static json_t *json_failure(const struct view *view)
{
	const struct ca_trustpoint_record *record = &view->state->record;

	if (!record->failures)
		return json_null();
	return json_pack("{s:s, s:o?, s:I}", "reason", record->failure ? record->failure : "", "at",
			 control_json_time(record->failed_s), "times",
			 (json_int_t)record->failures);
}

static json_t *json_capabilities(const struct view *view)
{
	json_t *list = json_array();

	for (unsigned bit = 1; bit <= SCEP_CAN_STANDARD; bit <<= 1)
		if (view->state->record.capabilities & bit)
			json_array_append_new(
				list, json_string(scep_capability_name((enum scep_capability)bit)));
	return list;
}

static const char *protocol_of(const struct view *view)
{
	if (is_terminal(view) || !view->conf->enrollment_url)
		return "terminal";
	return view->state->record.capabilities & SCEP_CAN_NEXT_CA ? "SCEPv1, PKI Rollover"
								   : "SCEPv1";
}

/* What goes by hand has no password: it would be read on the way. */
static json_t *json_asks(const struct view *view)
{
	bool password = !is_terminal(view) && !view->conf->password;

	return json_pack("{s:b, s:b, s:b}", "password", (int)password, "serialNumber",
			 (int)!view->conf->serial_number, "ipAddress",
			 (int)!view->conf->ip_address);
}

static json_t *json_key_trouble(const struct view *view)
{
	_cleanup_(freep) char *trouble = NULL;

	if (trustpoint_key_trouble(view->flow, view->conf->name, view->state, view->now_s,
				   &trouble) < 0)
		return NULL;
	return json_optional(trouble);
}

static json_t *json_whole(const struct view *view)
{
	const struct ca_anchor_record *active = ca_anchor_active(view->state, view->now_s);
	const char *url = view->conf->enrollment_url;

	return json_pack(
		"{s:s, s:s, s:s, s:o?, s:s, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?, s:o?, "
		"s:o?, s:o?, s:o?}",
		"name", view->conf->name, "state", state_of(view), "enrollment",
		is_terminal(view) || !url ? "terminal" : "scep", "url",
		json_optional(is_terminal(view) ? NULL : url), "protocol", protocol_of(view), "ca",
		json_anchor(view, active), "others",
		control_json_certificates(active ? span_of(active->others) : (struct span){}),
		"nextCa", json_anchor(view, ca_anchor_next(view->state, view->now_s)), "identities",
		json_identities(view, false), "nextIdentities", json_identities(view, true),
		"requests", json_requests(view), "capabilities", json_capabilities(view), "halt",
		json_halt(view), "failure", json_failure(view), "noRollover",
		json_optional(why_no_rollover(view)), "asks", json_asks(view), "keyTrouble",
		json_key_trouble(view));
}

json_t *control_json_trustpoint(struct flow *flow, const struct conf_trustpoint *conf,
				const struct ca_trustpoint_state *state, int64_t now_s)
{
	const struct view view = {flow, conf, state, now_s};

	return json_whole(&view);
}

json_t *control_json_trustpoint_standing(struct flow *flow, const struct conf_trustpoint *conf,
					 const struct ca_trustpoint_state *state, int64_t now_s)
{
	const struct view view = {flow, conf, state, now_s};
	const struct ca_trustpoint_record *record = &state->record;
	bool is_halted = record->halt != CA_TRUSTPOINT_GOES_ON;
	json_t *reason = json_key_trouble(&view);

	if (!json_is_string(reason) && (is_halted || record->failures)) {
		json_decref(reason);
		reason = json_optional(is_halted ? record->halt_reason : record->failure);
	}
	return json_pack("{s:s, s:s, s:o?}", "name", conf->name, "state",
			 is_halted ? "stopped" : state_of(&view), "reason",
			 json_is_null(reason) ? json_string("") : reason);
}

/* What its token's process knows of a key; nothing where that is away. */
static json_t *json_key(struct flow *flow, const struct ca_key_place *place)
{
	struct token_link *token = flow_find_token(flow, place->token);
	const char *exportable = "";

	for (unsigned i = 0; token; i++) {
		_cleanup_(token_key_done) struct token_key key = {};

		if (token_link_key(token, i, &key))
			break;
		if (span_equal(span_of(key.spki), span_of(place->spki)))
			exportable = key_exportable_name(key.exportable);
	}
	return json_pack("{s:s, s:s, s:s}", "label", place->label, "token", place->token,
			 "exportable", exportable);
}

json_t *control_json_trustpoint_key(struct flow *flow, const struct ca_trustpoint_state *state,
				    int64_t now_s)
{
	const struct view view = {.flow = flow, .state = state, .now_s = now_s};
	const struct ca_identity_record *identity = any_identity(&view);

	return identity ? json_key(flow, &identity->key) : NULL;
}
