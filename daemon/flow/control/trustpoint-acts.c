/* SPDX-License-Identifier: Apache-2.0 */
/* trustpoint.enroll and trustpoint.import. */
#include "daemon/base/text.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/trustpoint/enroll.h"
#include "daemon/flow/trustpoint/import.h"
#include "daemon/trustpoint/enrollment.h"

/* What an operator's act brought: identities that came after @last, and what is still asked for. */
static json_t *json_outcome(const struct control_turn *turn,
			    const struct trustpoint_turn *trustpoint, int64_t last)
{
	json_t *json = control_json_trustpoint(turn->flow, trustpoint->conf, &trustpoint->state,
					       turn->now_s);
	json_t *granted = json_array();

	for (size_t i = 0; i < trustpoint->state.n_identities; i++)
		if (trustpoint->state.identities[i].id > last)
			json_array_append_new(
				granted, control_json_identity(&trustpoint->state.identities[i],
							       "Available"));
	if (json)
		json_object_set_new(json, "granted", granted);
	else
		json_decref(granted);
	return json;
}

static int64_t last_identity(const struct trustpoint_turn *trustpoint)
{
	int64_t last = 0;

	for (size_t i = 0; i < trustpoint->state.n_identities; i++)
		if (trustpoint->state.identities[i].id > last)
			last = trustpoint->state.identities[i].id;
	return last;
}

/* enroll */

static bool is_told(const struct control_turn *turn, const char *parameter)
{
	return json_is_true(json_object_get(turn->parameters, parameter));
}

/* What stopped it does so no more where an operator asks. */
static int check_ready(const struct trustpoint_turn *trustpoint, char **ret_reason)
{
	const char *name = trustpoint->conf->name;

	if (!ca_anchor_active(&trustpoint->state, trustpoint->now_s))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "trustpoint %s has no CA certificate yet: claviger "
					 "trustpoint authenticate %s",
					 name, name);
	if (!time_source_is_good(&trustpoint->flow->time))
		return trustpoint_refuse(ret_reason, FLOW_LATER,
					 "nothing is asked for before the time is good: claviger "
					 "status");
	return 0;
}

/* Into locked memory, and out of what it came in. */
static int take_password(const struct control_turn *turn, struct secret *ret)
{
	_cleanup_(bytes_done) struct bytes plain = {};
	int r = control_blob(turn, "password", &plain);

	if (r == 0 && plain.size)
		r = secret_copy(span_of(plain), ret);
	if (plain.data)
		wipe(plain.data, plain.size);
	return r;
}

static int enroll_one(const struct control_turn *turn, struct trustpoint_turn *trustpoint,
		      int usage, struct span password, char **ret_reason)
{
	const struct trustpoint_order order = {
		.usage = usage,
		.kind = trustpoint_enrollment_kind_for(&trustpoint->state, usage,
						       trustpoint->now_s),
		/* Of a first one there is nothing to make another beside. */
		.regenerate = is_told(turn, "regenerate") ||
			      (trustpoint->conf->regenerate &&
			       ca_identity_active(&trustpoint->state, usage, trustpoint->now_s)),
		.password = password,
		.serial_number = control_text(turn, "serialNumber"),
		.ip_address = control_text(turn, "ipAddress"),
		.by_hand = !trustpoint_is_online(trustpoint->conf),
		.actor = turn->actor,
	};
	const struct ca_enrollment_record *made;
	int r = trustpoint_begin_enrollment(trustpoint, &order, ret_reason);

	made = ca_enrollment_of(&trustpoint->state, usage);
	if (r || order.by_hand || !made)
		return r;
	/* What the first try brings is in the state; that it brought nothing is no refusal. */
	r = trustpoint_send(trustpoint, made->id, ret_reason);
	return r < 0 ? r : 0;
}

/* What waits is asked about again: another request would begin the CA's decision anew. How many
 * there were. */
static int ask_again(const struct control_turn *turn, struct trustpoint_turn *trustpoint,
		     unsigned *ret_n, char **ret_reason)
{
	const struct trustpoint_usages usages = trustpoint_usages(trustpoint->conf);
	int r = 0;

	*ret_n = 0;
	if (is_told(turn, "anew") || is_told(turn, "regenerate") ||
	    !trustpoint_is_online(trustpoint->conf))
		return 0;
	for (size_t i = 0; i < usages.n && r >= 0; i++) {
		const struct ca_enrollment_record *waits =
			ca_enrollment_of(&trustpoint->state, usages.items[i]);

		if (!waits || waits->state == CA_ENROLLMENT_BY_HAND)
			continue;
		(*ret_n)++;
		r = trustpoint_send(trustpoint, waits->id, ret_reason);
	}
	return r < 0 ? r : 0;
}

/* One request for each key pair (CLI-07). */
static int enroll_all(const struct control_turn *turn, struct trustpoint_turn *trustpoint,
		      char **ret_reason)
{
	const struct trustpoint_usages usages = trustpoint_usages(trustpoint->conf);
	_cleanup_(secret_done) struct secret password = {};
	unsigned n = 0;
	int r = take_password(turn, &password);

	if (r == -EINVAL)
		r = trustpoint_refuse(ret_reason, FLOW_REFUSED, "password is no base64");
	if (r == 0)
		r = ask_again(turn, trustpoint, &n, ret_reason);
	for (size_t i = 0; i < usages.n && r == 0 && !n; i++)
		r = enroll_one(turn, trustpoint, usages.items[i], span_of_secret(password),
			       ret_reason);
	return r;
}

int control_trustpoint_ask(const struct control_turn *turn, struct trustpoint_turn *trustpoint,
			   char **ret_reason)
{
	int r = check_ready(trustpoint, ret_reason);

	return r ? r : enroll_all(turn, trustpoint, ret_reason);
}

typedef int (*trustpoint_act)(const struct control_turn *turn, struct trustpoint_turn *trustpoint,
			      char **ret_reason);

/* Answers with what it brought. */
static json_t *act(const struct control_turn *turn, trustpoint_act function)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn trustpoint = {};
	_cleanup_(freep) char *reason = NULL;
	int64_t last;
	int r = control_trustpoint_begin(turn, &trustpoint);

	last = last_identity(&trustpoint);
	if (r == 0)
		r = function(turn, &trustpoint, &reason);
	if (r)
		return control_trustpoint_failure(turn, r, reason);
	return control_reply_new(json_outcome(turn, &trustpoint, last), false);
}

json_t *control_trustpoint_enroll(const struct control_turn *turn)
{
	return act(turn, control_trustpoint_ask);
}

/* import */

static int import(const struct control_turn *turn, struct trustpoint_turn *trustpoint,
		  char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes certificates = {}, key = {};
	struct trustpoint_import_order order = {
		.token = control_text(turn, "token"),
		.look = json_is_true(json_object_get(turn->parameters, "look")),
		.actor = turn->actor,
	};
	int r = control_blob(turn, "certificates", &certificates);

	if (r == 0 && control_text(turn, "key"))
		r = text_read_hex(span_of_text(control_text(turn, "key")), &key);
	if (r == -EINVAL || (key.size && key.size != SHA256_SIZE))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "certificates must be base64, key a SHA-256 in hex");
	order.certificates = span_of(certificates);
	order.key_sha256 = span_of(key);
	return r ? r : trustpoint_import(trustpoint, &order, ret_reason);
}

json_t *control_trustpoint_import(const struct control_turn *turn)
{
	return act(turn, import);
}
