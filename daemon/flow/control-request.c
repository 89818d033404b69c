/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/request.h"
#include "daemon/flow/control-parts.h"
#include "daemon/x509/certificate.h"
#include "policy/password.h"
#include <stdlib.h>

static json_t *json_request(const struct ca_request_record *request)
{
	uint8_t md5[DIGEST_SIZE_MAX];
	size_t size = digest_compute(DIGEST_MD5, span_of(request->csr), md5);

	return json_pack(
		"{s:I, s:s, s:s, s:b, s:o?, s:o?, s:o?, s:o?, s:s, s:o?, s:o?, s:s, s:s}", "id",
		(json_int_t)request->id, "state", ca_request_state_name(request->state), "class",
		grant_class_name(request->class), "renewal", request->renewal, "fingerprint",
		control_json_hex(SPAN(md5, size), true), "sha256",
		control_json_hex(SPAN_ARRAY(request->csr_sha256), true), "subject",
		control_json_router(span_of(request->subject)), "transaction",
		control_json_hex(span_of(request->transaction_id), false), "peer",
		request->peer ? request->peer : "", "created",
		control_json_time(request->created_s), "expires",
		control_json_time(request->expires_s), "rule", request->rule ? request->rule : "",
		"reason", request->reason ? request->reason : "");
}

static int add_request(void *context, const struct ca_request_record *request)
{
	return json_array_append_new(context, json_request(request)) ? -ENOMEM : 0;
}

json_t *control_request_list(const struct control_turn *turn)
{
	struct store_request_filter filter = {};
	json_t *error, *list;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	list = json_array();
	r = store_request_list(turn->flow->store, authority->conf->label, &filter, add_request,
			       list);
	return control_reply_list("requests", list, r);
}

/* A challenge is shown to nobody: it may be a live one-time password for another subject, and is a
 * router's revocation password. */
static bool holds_challenge(const struct ca_request_record *request)
{
	struct x509_request csr;

	return x509_request_read(span_of(request->csr), &csr) < 0 || csr.has_challenge;
}

json_t *control_request_show(const struct control_turn *turn)
{
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	json_t *error, *shown;
	struct authority *authority = control_authority(turn, "server", &error);
	int r;

	if (!authority)
		return error;
	r = store_request_load(turn->flow->store, authority->conf->label,
			       json_integer_value(json_object_get(turn->parameters, "id")),
			       &request);
	if (r)
		return control_failure(r < 0 ? r : HAND_NOT_FOUND, NULL);
	shown = json_request(&request);
	if (shown)
		json_object_set_new(shown, "fingerprints",
				    control_json_fingerprints(span_of(request.csr)));
	if (shown && !holds_challenge(&request))
		json_object_set_new(shown, "csr",
				    control_json_pem("CERTIFICATE REQUEST", span_of(request.csr)));
	return control_reply_new(shown, false);
}

/* The ids an act is for: those named, or all that wait. */
struct ids {
	int64_t *items;
	size_t n;
};

static void ids_done(struct ids *ids)
{
	free(ids->items);
}

static int ids_add(struct ids *ids, int64_t id)
{
	int64_t *items = reallocarray(ids->items, ids->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	ids->items = items;
	ids->items[ids->n++] = id;
	return 0;
}

static int ids_add_pending(void *context, const struct ca_request_record *request)
{
	return ids_add(context, request->id);
}

static int read_ids(const struct control_turn *turn, struct authority *authority, struct ids *ret)
{
	struct store_request_filter filter = {.state = CA_REQUEST_PENDING};
	const json_t *named = json_object_get(turn->parameters, "ids");
	size_t i;
	json_t *id;

	if (json_is_true(json_object_get(turn->parameters, "all")))
		return store_request_list(turn->flow->store, authority->conf->label, &filter,
					  ids_add_pending, ret);
	json_array_foreach(named, i,
			   id) if (ids_add(ret, json_integer_value(id)) < 0) return -ENOMEM;
	return 0;
}

typedef int (*request_act)(const struct hand *, int64_t, char **);

/* Does it for each id, one after the other; what could not be done is told beside what was. */
static json_t *act_on_each(const struct control_turn *turn, request_act act)
{
	_cleanup_(ids_done) struct ids ids = {};
	json_t *error, *done, *failed;
	struct hand hand = {.flow = turn->flow, .actor = turn->actor, .now_s = turn->now_s};
	int r;

	hand.authority = control_authority(turn, "server", &error);
	if (!hand.authority)
		return error;
	r = read_ids(turn, hand.authority, &ids);
	if (r < 0)
		return control_failure(r, NULL);
	done = json_array();
	failed = json_array();
	for (size_t i = 0; i < ids.n; i++) {
		_cleanup_(freep) char *reason = NULL;
		_cleanup_(control_jsonp) json_t *failure = NULL;

		r = act(&hand, ids.items[i], &reason);
		if (!r) {
			json_array_append_new(done, json_integer(ids.items[i]));
			continue;
		}
		failure = control_failure(r, reason);
		json_array_append_new(
			failed, json_pack("{s:I, s:O?}", "id", (json_int_t)ids.items[i], "reason",
					  json_object_get(json_object_get(failure, "parameters"),
							  "reason")));
	}
	return control_reply_new(json_pack("{s:o, s:o}", "done", done, "failed", failed), false);
}

json_t *control_request_grant(const struct control_turn *turn)
{
	return act_on_each(turn, flow_grant_request);
}

json_t *control_request_reject(const struct control_turn *turn)
{
	return act_on_each(turn, flow_reject_request);
}

json_t *control_password_generate(const struct control_turn *turn)
{
	_cleanup_(freep) char *reason = NULL;
	char password[PASSWORD_TEXT_SIZE];
	const json_t *minutes_given = json_object_get(turn->parameters, "minutes");
	json_int_t minutes =
		minutes_given ? json_integer_value(minutes_given) : PASSWORD_MINUTES_DEFAULT;
	struct hand hand = {.flow = turn->flow, .actor = turn->actor, .now_s = turn->now_s};
	json_t *answer;
	int r;

	hand.authority = control_authority(turn, "server", &answer);
	if (!hand.authority)
		return answer;
	if (minutes < 1 || minutes > PASSWORD_MINUTES_MAX)
		return control_error_new(CONTROL_ERROR_INVALID, "minutes",
					 "a password lives 1 to %d minutes", PASSWORD_MINUTES_MAX);
	r = flow_generate_password(&hand, (unsigned)minutes, control_text(turn, "subject"),
				   password, &reason);
	if (r)
		return control_failure(r, reason);
	answer = control_reply_new(json_pack("{s:s, s:I, s:o?}", "password", password, "minutes",
					     minutes, "expires",
					     control_json_time(turn->now_s + minutes * 60)),
				   false);
	wipe(password, sizeof(password));
	return answer;
}
