/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/forward.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/enroll/forward-message.h"
#include "daemon/flow/enroll/ra-crl.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/refresh.h"
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/flow/validate/validate.h"
#include <stdlib.h>
#include <string.h>

int flow_forward_begin(struct flow *flow, const struct issue_order *order)
{
	struct ca_request_record *request = order->request;
	_cleanup_(audit_done) struct audit_event event = {};
	_cleanup_(ca_forward_record_done) struct ca_forward_record forward = {
		.state = CA_FORWARD_NEW,
		.created_s = order->now_s,
	};
	struct store_change change = {
		.server = order->authority->conf->label,
		.now_s = order->now_s,
		.request = request,
		.request_range = order->place.range,
		.expected_newest = order->place.expected_newest,
		.superseded = order->place.superseded,
		.forward = &forward,
		.password_used = order->password_id,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	request->password_id = order->password_id;
	request->updated_s = order->now_s;
	r = bytes_copy(span_of(request->renewed), &forward.client);
	if (r >= 0)
		r = audit_of_request(request, order->verdict, order->actor, &event);
	if (r >= 0)
		r = store_commit(flow->store, &change);
	if (r)
		return r == STORE_CHANGED ? ISSUE_CHANGED : r > 0 ? -EEXIST : r;
	crash_here(CRASH_FORWARD_BEGUN);
	flow_forward_changed(flow);
	return ISSUE_FORWARDED;
}

/* What is found wrong is told each time: the pauses grow. */
static int fail(struct forward_turn *turn, enum ca_forward_event event, const char *reason)
{
	log_warning(LOG_FIELDS(log_event(LOG_EVENT_FORWARD_FAILED),
			       log_text("SERVER", turn->trustpoint.conf->name),
			       log_number("REQUEST", turn->record.request_id),
			       log_text("REASON", reason)),
		    "no use came of asking the CA for what a client wants: %s", reason);
	return forward_apply_event(turn, event, reason, (struct span){});
}

/* The CA that issued what the client renews may have revoked it since, and only its CRL tells: the
 * CA itself sees no more than our signature. FLOW_REFUSED where it can't be found out: who keeps
 * the CRL from us would have a revoked client certified anew. */
static int check_client(struct forward_turn *turn, bool *ret_revoked, char **ret_reason)
{
	const struct trustpoint_turn *trustpoint = &turn->trustpoint;
	const struct span client = span_of(turn->record.client);
	const struct validate_question question = {.trustpoint = trustpoint->conf->name,
						   .certificates = &client,
						   .n = 1,
						   .now_s = trustpoint->now_s};
	struct validation validation = {};
	int r;

	*ret_revoked = false;
	if (!client.size || trustpoint->conf->revocation_check == CONF_REVOCATION_CHECK_NONE)
		return 0;
	r = flow_validate(trustpoint->flow, &question, &validation);
	if (!r)
		*ret_revoked = validation.steps[0].revocation == VALIDATION_REVOKED;
	if (r == FLOW_REFUSED || (!r && !*ret_revoked && !validation.good))
		r = trustpoint_refuse(ret_reason, FLOW_REFUSED,
				      "of the certificate that is renewed: %s", validation.reason);
	validation_done(&validation);
	return r;
}

static int keep_for_later(struct forward_turn *turn, const char *reason)
{
	int r = fail(turn, CA_FORWARD_EVENT_NO_ANSWER, reason);

	return r < 0 ? r : FORWARD_TURN_NONE;
}

/* FORWARD_TURN_NONE: it is over for now. */
static int draw_up(struct forward_turn *turn, char **ret_reason)
{
	bool revoked;
	int r = check_client(turn, &revoked, ret_reason);

	if (!r && revoked) {
		r = forward_deny_revoked(turn);
		return r < 0 ? r : FORWARD_TURN_NONE;
	}
	if (!r)
		r = forward_message_make(turn, ret_reason);
	if (r == FLOW_REFUSED)
		return keep_for_later(turn, *ret_reason);
	if (!r)
		r = forward_apply_event(turn, CA_FORWARD_EVENT_DRAWN, NULL, (struct span){});
	crash_here(CRASH_FORWARD_MADE);
	return r;
}

/* A refusal may be another CA's that answers in its place, or one of what the CA's certificate had
 * beside it before: then nothing was said of this request. What comes with the CA is recorded. */
static int look_who_refused(struct forward_turn *turn, enum ca_forward_event *event)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn fresh = {};
	_cleanup_(freep) char *reason = NULL;
	uint64_t revision = turn->trustpoint.state.record.revision;
	bool is_next = false;
	int r = trustpoint_turn_begin(turn->trustpoint.flow, turn->trustpoint.conf->name,
				      turn->trustpoint.now_s, &fresh);

	if (r < 0)
		return r;
	r = trustpoint_refresh_ca(&fresh, &is_next, &reason);
	if (is_next || fresh.state.record.halt == CA_TRUSTPOINT_STRANGER)
		*event = CA_FORWARD_EVENT_NO_ANSWER;
	else if (fresh.state.record.revision != revision)
		*event = CA_FORWARD_EVENT_STALE;
	return r < 0 ? r : 0;
}

/* What a CA says to an RA that it has revoked is said of the RA: its clients can't help it, and
 * wait until the RA has another certificate. Where that can't be found out the CA's word is for
 * them. */
static int look_whether_revoked(struct forward_turn *turn, struct forward_reading *reading)
{
	const struct trustpoint_turn *trustpoint = &turn->trustpoint;
	const struct span own = span_of(forward_signer(turn)->certificate);
	const struct validate_question question = {.trustpoint = trustpoint->conf->name,
						   .certificates = &own,
						   .n = 1,
						   .now_s = trustpoint->now_s};
	struct validation validation = {};
	int r = flow_validate(trustpoint->flow, &question, &validation);

	if (!r && validation.steps[0].revocation == VALIDATION_REVOKED) {
		reading->event = CA_FORWARD_EVENT_NO_ANSWER;
		r = trustpoint_refuse(&reading->reason, 0,
				      "this RA's certificate is revoked at its CA: claviger server "
				      "delete %s, and server create %s, get it another",
				      trustpoint->conf->name, trustpoint->conf->name);
	}
	validation_done(&validation);
	return r < 0 && r != -ENOENT ? r : 0;
}

static int hear(struct forward_turn *turn, struct span body, struct span nonce, char **ret_reason)
{
	_cleanup_(forward_reading_done) struct forward_reading reading = {};
	int r = forward_read_answer(turn, body, nonce, &reading, ret_reason);

	if (r == FLOW_REFUSED)
		return fail(turn, CA_FORWARD_EVENT_NO_ANSWER, *ret_reason);
	if (!r && reading.event == CA_FORWARD_EVENT_REJECTED)
		r = look_who_refused(turn, &reading.event);
	if (!r && reading.event == CA_FORWARD_EVENT_REJECTED)
		r = look_whether_revoked(turn, &reading);
	if (r)
		return r;
	crash_here(CRASH_FORWARD_ANSWERED);
	if (reading.event == CA_FORWARD_EVENT_GRANTED || reading.event == CA_FORWARD_EVENT_WAITS)
		return forward_apply_event(turn, reading.event, NULL, span_of(reading.certificate));
	return fail(turn, reading.event, reading.reason);
}

/* The same bytes again and again until there is an answer, or a poll with a nonce of its own. */
static int choose_message(struct forward_turn *turn, uint8_t nonce[static FORWARD_NONCE_SIZE],
			  struct bytes *ret, char **ret_reason)
{
	if (turn->record.state == CA_FORWARD_PENDING) {
		random_fill(nonce, FORWARD_NONCE_SIZE);
		return forward_message_poll(turn, nonce, ret, ret_reason);
	}
	if (turn->record.sender_nonce.size != FORWARD_NONCE_SIZE)
		return -EBADMSG;
	memcpy(nonce, turn->record.sender_nonce.data, FORWARD_NONCE_SIZE);
	return bytes_copy(span_of(turn->record.message), ret);
}

static int ask(struct forward_turn *turn, char **ret_reason)
{
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	_cleanup_(bytes_done) struct bytes message = {};
	uint8_t nonce[FORWARD_NONCE_SIZE];
	/* Without it the answer could not be opened: the CA is not asked in vain. */
	int r = trustpoint_key_await(&turn->trustpoint, &forward_signer(turn)->key, ret_reason);

	if (!r)
		r = choose_message(turn, nonce, &message, ret_reason);
	if (!r)
		r = trustpoint_ask(&turn->trustpoint, "PKIOperation", span_of(message), &answer,
				   ret_reason);
	if (r == FLOW_REFUSED)
		return fail(turn, CA_FORWARD_EVENT_NO_ANSWER, *ret_reason);
	return r ? r : hear(turn, span_of(answer.body), SPAN_ARRAY(nonce), ret_reason);
}

static int go_on(struct forward_turn *turn, char **ret_reason)
{
	int r = 0;

	if (!turn->issuer)
		return fail(turn, CA_FORWARD_EVENT_NO_ANSWER,
			    "no CA certificate is there that it could be asked for");
	if (ca_forward_is_stale(&turn->record, forward_signer(turn), turn->issuer->record->id,
				turn->trustpoint.now_s))
		r = forward_apply_event(turn, CA_FORWARD_EVENT_STALE,
					"the RA's or the CA's certificate is another now",
					(struct span){});
	if (!r && turn->record.state == CA_FORWARD_NEW)
		r = draw_up(turn, ret_reason);
	return r ? r : ask(turn, ret_reason);
}

/* One of those that are due. */
struct due {
	char *server;
	int64_t request_id;
};

struct dues {
	struct due *items;
	size_t n;
	int64_t now_s;
	int64_t next_s; /* of those that are not due yet */
};

static void dues_done(struct dues *dues)
{
	for (size_t i = 0; i < dues->n; i++)
		free(dues->items[i].server);
	free(dues->items);
}

static int collect(void *context, const struct store_forward_place *place)
{
	struct dues *dues = context;
	int64_t due_s = ca_forward_due_s(&place->forward);
	struct due *longer;

	if (due_s > dues->now_s) {
		dues->next_s = due_s < dues->next_s ? due_s : dues->next_s;
		return 0;
	}
	longer = reallocarray(dues->items, dues->n + 1, sizeof(*longer));
	if (!longer)
		return -ENOMEM;
	dues->items = longer;
	longer[dues->n] = (struct due){strdup(place->server), place->request_id};
	return longer[dues->n++].server ? 0 : -ENOMEM;
}

/* Another worker may have had it since it was listed. */
static int do_one(struct flow *flow, const struct due *due, int64_t now_s)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = claim_try(
		flow->claims, CLAIM_FORWARD, SPAN(&due->request_id, sizeof(due->request_id)));
	_cleanup_(forward_turn_done) struct forward_turn turn = {};
	_cleanup_(freep) char *reason = NULL;
	int r;

	if (!claim)
		return FLOW_LATER;
	r = forward_turn_load(flow, due->server, due->request_id, now_s, &turn);
	if (!r && ca_forward_due_s(&turn.record) <= now_s)
		r = go_on(&turn, &reason);
	if (r < 0)
		log_error(LOG_FIELDS(log_text("SERVER", due->server),
				     log_number("REQUEST", due->request_id),
				     log_number("ERRNO", -r)),
			  "what a client wants could not be passed on to the CA: %s", strerror(-r));
	return r == FORWARD_TURN_NONE ? 0 : r;
}

void flow_forward_round(struct flow *flow, int64_t now_s, struct forward_round *ret)
{
	_cleanup_(dues_done) struct dues dues = {.now_s = now_s, .next_s = INT64_MAX};
	_cleanup_(dues_done) struct dues left = {.now_s = now_s, .next_s = INT64_MAX};
	int r;

	*ret = (struct forward_round){.next_s = INT64_MAX};
	if (!time_source_is_good(&flow->time))
		return;
	r = store_forward_list(flow->store, collect, &dues);
	for (size_t i = 0; i < dues.n && r >= 0; i++)
		ret->failed |= do_one(flow, &dues.items[i], now_s) != 0;
	if (r >= 0)
		r = store_forward_list(flow->store, collect, &left);
	ret->failed |= r < 0;
	ret->failed |= ra_crl_fetch_wanted(flow, now_s) < 0;
	ret->next_s = left.next_s;
}
