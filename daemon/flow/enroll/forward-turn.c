/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/forward-turn.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/ca/request.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/enroll/record.h"
#include <assert.h>
#include <string.h>

void forward_turn_done(struct forward_turn *turn)
{
	trustpoint_turn_done(&turn->trustpoint);
	generations_unref(turn->generations);
	ca_exchange_records_free(turn->exchanges, turn->n_exchanges);
	ca_request_record_done(&turn->request);
	ca_forward_record_done(&turn->record);
	*turn = (struct forward_turn){};
}

static int load_records(struct flow *flow, const char *label, int64_t request_id,
			struct forward_turn *ret)
{
	int r = store_forward_load(flow->store, label, request_id, &ret->record);

	if (!r)
		r = store_request_load(flow->store, label, request_id, &ret->request);
	if (!r)
		r = store_exchanges_load(flow->store, label, &ret->exchanges, &ret->n_exchanges);
	return r > 0 ? FORWARD_TURN_NONE : r;
}

/* Stopped, it asks for nothing: what clients were told stands for as long as it did. */
static bool goes_on(const struct forward_turn *turn)
{
	return conf_server_is_ra(turn->trustpoint.server->conf) && turn->generations->enabled &&
	       turn->request.state == CA_REQUEST_AUTHORIZED;
}

int forward_turn_load(struct flow *flow, const char *label, int64_t request_id, int64_t now_s,
		      struct forward_turn *ret)
{
	int r = trustpoint_turn_look(flow, label, now_s, &ret->trustpoint);

	if (r == -ENOENT || (!r && !ret->trustpoint.server))
		return FORWARD_TURN_NONE;
	if (!r)
		r = load_records(flow, label, request_id, ret);
	if (r)
		return r;
	ret->generations = authority_generations(ret->trustpoint.server);
	if (!goes_on(ret))
		return FORWARD_TURN_NONE;
	ret->issuer = generations_issuer(ret->generations, ret->request.generation, now_s);
	return 0;
}

const struct ca_exchange_record *forward_signer(const struct forward_turn *turn)
{
	for (size_t i = 0; i < turn->n_exchanges; i++)
		if (turn->exchanges[i].id == turn->record.exchange_id)
			return &turn->exchanges[i];
	return NULL;
}

static const char *label_of(const struct forward_turn *turn)
{
	return turn->trustpoint.server->conf->label;
}

/* What was decided by others meanwhile stands. */
static int commit(struct forward_turn *turn, struct store_change *change)
{
	struct flow *flow = turn->trustpoint.flow;
	int r;

	change->server = label_of(turn);
	change->now_s = turn->trustpoint.now_s;
	r = store_commit(flow->store, change);
	if (r > 0)
		log_notice(LOG_FIELDS(log_text("SERVER", label_of(turn)),
				      log_number("REQUEST", turn->record.request_id)),
			   "what the CA said came too late: the request was decided on meanwhile");
	return r < 0 ? r : 0;
}

/* What belongs to a message goes with it. */
static void forget_message(struct ca_forward_record *record)
{
	bytes_done(&record->message);
	bytes_done(&record->transaction_id);
	bytes_done(&record->sender_nonce);
	record->exchange_id = record->generation_id = 0;
}

static int go_on(struct forward_turn *turn, const struct ca_forward_step *step, const char *told)
{
	struct ca_forward_record *record = &turn->record;
	struct store_change change = {.forward = record};
	int r;

	if (step->next == CA_FORWARD_NEW && record->state != CA_FORWARD_NEW)
		forget_message(record);
	record->state = step->next;
	record->tries = step->effects & CA_FORWARD_EFFECT_RECOUNT ? 0 : record->tries + 1;
	record->tried_s = turn->trustpoint.now_s;
	r = trustpoint_text_set(&record->told, told);
	return r < 0 ? r : commit(turn, &change);
}

static int deny(struct forward_turn *turn, const struct verdict *verdict)
{
	struct ca_request_record *request = &turn->request;
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.request = request, .audit = &event.row, .n_audit = 1};
	int r;

	audit_alarm(&(struct audit_party){label_of(turn), span_of_text(request->peer),
					  span_of(request->transaction_id)},
		    verdict);
	record_step(request, CA_REQUEST_EVENT_DENY, verdict);
	request->updated_s = turn->trustpoint.now_s;
	r = audit_of_request(request, verdict, NULL, &event);
	if (r >= 0)
		r = commit(turn, &change);
	if (r >= 0)
		flow_changed(turn->trustpoint.flow);
	return r;
}

static int describe(struct forward_turn *turn, struct span whole, struct ca_certificate_record *ret)
{
	struct flow *flow = turn->trustpoint.flow;
	struct x509_certificate certificate;
	uint8_t serial[20];
	size_t size;
	int r = x509_certificate_read(whole, &certificate);

	if (r < 0)
		return r;
	/* Counted here by a number of its own; the serial is the CA's. */
	r = authority_take_serial(flow, turn->trustpoint.server, &ret->counter, serial, &size);
	ret->generation_id = turn->issuer->record->id;
	ret->class = turn->request.class;
	ret->not_before_s = certificate.not_before_s;
	ret->not_after_s = certificate.not_after_s;
	memcpy(ret->key_sha256, turn->request.key_sha256, SHA256_SIZE);
	if (r >= 0)
		r = bytes_copy(certificate.serial, &ret->serial);
	if (r >= 0)
		r = bytes_copy(certificate.subject, &ret->subject);
	return r < 0 ? r : bytes_copy(whole, &ret->certificate);
}

static void tell_granted(const struct forward_turn *turn,
			 const struct ca_certificate_record *certificate)
{
	char serial[129];

	log_notice(LOG_FIELDS(log_event(LOG_EVENT_CERTIFICATE_ISSUED),
			      log_text("SERVER", label_of(turn)),
			      log_hex("SERIAL", span_of(certificate->serial), serial),
			      log_number("REQUEST", turn->request.id),
			      log_text("RULE", turn->request.rule)),
		   "the CA issued a certificate for what was passed on to it");
}

static int save_granted(struct forward_turn *turn, struct ca_certificate_record *certificate,
			const struct verdict *verdict)
{
	struct ca_request_record *request = &turn->request;
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.server = label_of(turn),
				      .now_s = turn->trustpoint.now_s,
				      .request = request,
				      .certificate = certificate,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	request->state = ca_request_next(request->state, CA_REQUEST_EVENT_ISSUE);
	assert(request->state == CA_REQUEST_GRANTED);
	request->updated_s = turn->trustpoint.now_s;
	r = audit_of_issue(certificate, request, verdict, NULL, &event);
	return r < 0 ? r : store_commit(turn->trustpoint.flow->store, &change);
}

static int grant(struct forward_turn *turn, struct span whole)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	const struct verdict verdict = {.decision = VERDICT_ISSUE, .rule = "CA", .reason = ""};
	int r = describe(turn, whole, &certificate);

	if (r >= 0)
		r = save_granted(turn, &certificate, &verdict);
	if (r == STORE_EXISTS) {
		const struct verdict refusal = verdict_refusal(
			VERDICT_BAD_REQUEST, "CA",
			"the CA gave a certificate whose serial number another has already");

		turn->request.state = CA_REQUEST_AUTHORIZED;
		return deny(turn, &refusal);
	}
	if (r < 0)
		return r;
	crash_here(CRASH_FORWARD_GRANTED);
	if (r > 0) {
		log_notice(LOG_FIELDS(log_text("SERVER", label_of(turn)),
				      log_number("REQUEST", turn->request.id)),
			   "the CA issued a certificate for a request that was decided on "
			   "otherwise meanwhile: nobody gets it");
		return 0;
	}
	tell_granted(turn, &certificate);
	flow_committed(turn->trustpoint.flow);
	return 0;
}

int forward_apply_event(struct forward_turn *turn, enum ca_forward_event event, const char *told,
			struct span certificate)
{
	struct ca_forward_step step = ca_forward_step(turn->record.state, event);

	log_debug(LOG_FIELDS(log_text("SERVER", label_of(turn)),
			     log_number("REQUEST", turn->record.request_id)),
		  "forward %s → %s (%s%s%s)", ca_forward_state_name(turn->record.state),
		  step.next ? ca_forward_state_name(step.next) : "over",
		  ca_forward_event_name(event), told ? ": " : "", told ? told : "");
	if (step.effects & CA_FORWARD_EFFECT_GRANT)
		return grant(turn, certificate);
	if (step.effects & CA_FORWARD_EFFECT_DENY) {
		const struct verdict refusal =
			verdict_refusal(VERDICT_BAD_REQUEST, "CA", told ? told : "the CA refused");

		return deny(turn, &refusal);
	}
	return go_on(turn, &step, told);
}

int forward_deny_revoked(struct forward_turn *turn)
{
	const struct grant_facts facts = {.signer = {.ours = true, .revoked = true}};
	const struct verdict verdict = grant_decide(&facts);

	return deny(turn, &verdict);
}
