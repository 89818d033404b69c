/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/add.h"
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/enroll/facts.h"
#include "daemon/flow/enroll/issue.h"
#include "daemon/flow/enroll/record.h"
#include <stdio.h>

/* One request on its way. */
struct addition {
	const struct hand *hand;
	struct x509_request csr;
	char transaction_id[2 * SHA256_SIZE + 1];
	uint8_t requester[SHA256_SIZE];
	struct generations *generations;
	const struct generation *issuer;
	struct transaction_facts found;
	struct record_place place;
	struct grant_facts grant;
	struct ca_request_record record;
};

static void addition_done(struct addition *addition)
{
	generations_unref(addition->generations);
	transaction_facts_done(&addition->found);
	ca_request_record_done(&addition->record);
}

static int refuse(const struct verdict *verdict, char **ret_reason)
{
	int r = text_format(ret_reason, "%s (%s)", verdict->reason, verdict->rule);

	return r < 0 ? r : FLOW_REFUSED;
}

static int read_csr(struct addition *addition, struct span csr, char **ret_reason)
{
	uint8_t digest[SHA256_SIZE];
	int r;

	if (x509_request_read(csr, &addition->csr) < 0) {
		r = text_format(ret_reason, "that is no PKCS#10 certificate request (RFC 2986 §4)");
		return r < 0 ? r : FLOW_REFUSED;
	}
	sha256(csr, digest);
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(addition->transaction_id + 2 * i, 3, "%02X", digest[i]);
	x509_key_sha256(&addition->csr.key, addition->requester);
	return 0;
}

static int refuse_rollover(const char *label, char **ret_reason)
{
	int r = text_format(ret_reason,
			    "server %s gives out no rollover certificate yet: it does once its "
			    "shadow is made (claviger server rollover %s)",
			    label, label);

	return r < 0 ? r : FLOW_REFUSED;
}

static int find_issuer(struct addition *addition, bool is_rollover, char **ret_reason)
{
	const struct hand *hand = addition->hand;

	addition->generations = authority_generations(hand->authority);
	addition->issuer = is_rollover
				   ? generations_rollover_issuer(addition->generations, hand->now_s)
				   : generations_active(addition->generations, hand->now_s);
	addition->place.range =
		generations_requests(addition->generations, addition->issuer, hand->now_s);
	if (!addition->issuer && is_rollover)
		return refuse_rollover(hand->authority->conf->label, ret_reason);
	return addition->issuer ? 0 : FLOW_LATER;
}

static int look_up(struct addition *addition)
{
	const struct hand *hand = addition->hand;
	const struct transaction_question question = {
		.where = {.transaction_id = span_of_text(addition->transaction_id),
			  .requester = SPAN_ARRAY(addition->requester),
			  .range = addition->place.range},
		.csr = addition->csr.whole,
		.issuer = addition->issuer,
		.now_s = hand->now_s,
	};

	return facts_look_up(hand->flow, hand->authority->conf, &question, &addition->found);
}

static struct verdict judge(const struct addition *addition)
{
	const struct x509_request *csr = &addition->csr;
	struct profile_refusal refusal;

	if (csr->key.kind != X509_KEY_RSA)
		return verdict_refusal(VERDICT_BAD_ALG, "RSA only", "the request's key is not RSA");
	if (x509_verify(&csr->key, csr->digest, csr->to_be_signed, csr->signature) < 0)
		return verdict_refusal(VERDICT_BAD_REQUEST, "RFC 2986 §4.2",
				       "the request's own signature is wrong");
	refusal = facts_judge_profile(addition->hand->authority, csr);
	if (refusal.rule)
		return verdict_refusal(VERDICT_BAD_REQUEST, refusal.rule, refusal.reason);
	return grant_decide_added(&addition->grant);
}

static int make_record(struct addition *addition)
{
	const struct hand *hand = addition->hand;
	const struct record_source source = {
		.transaction_id = span_of_text(addition->transaction_id),
		.requester = addition->requester,
		.peer = span_of_text(hand->actor),
		.csr = &addition->csr,
		.generation = addition->issuer->record->number,
		.lifetime_s = hand->authority->conf->request_lifetime_s,
		.now_s = hand->now_s,
	};
	int r;

	r = record_new(&source, &addition->record);
	addition->record.class = addition->grant.class;
	return r;
}

static int issue(struct addition *addition, const struct verdict *verdict, char **ret_reason)
{
	const struct hand *hand = addition->hand;
	_cleanup_(bytes_done) struct bytes certificate = {};
	struct issue_order order = {
		.verdict = verdict,
		.authority = hand->authority,
		.issuer = addition->issuer,
		.request = &addition->record,
		.place = addition->place,
		.actor = hand->actor,
		.now_s = hand->now_s,
	};
	struct verdict lint;
	int r;

	record_step(&addition->record, CA_REQUEST_EVENT_AUTHORIZE, verdict);
	r = flow_issue(hand->flow, &order, &certificate, &lint);
	if (r == ISSUE_LINT)
		return refuse(&lint, ret_reason);
	if (r == ISSUE_FORWARDED)
		return 0;
	return r == ISSUE_CHANGED ? -EBUSY : r == ISSUE_LATER ? FLOW_LATER : r;
}

static int hold(struct addition *addition, const struct verdict *verdict)
{
	const struct hand *hand = addition->hand;
	int r;

	record_step(&addition->record, CA_REQUEST_EVENT_HOLD, verdict);
	r = record_commit(hand->flow, hand->authority->conf->label, &addition->record,
			  &addition->place, verdict);
	return r > 0 ? -EBUSY : r;
}

static int decide(struct addition *addition, char **ret_reason)
{
	const struct hand *hand = addition->hand;
	struct verdict verdict;
	int r;

	r = facts_of_key(hand->flow, hand->authority->conf, &addition->csr, hand->now_s,
			 &addition->grant);
	if (r >= 0)
		r = facts_of_issuer(addition->issuer, &addition->grant);
	if (r < 0)
		return r;
	verdict = judge(addition);
	audit_alarm(&(struct audit_party){hand->authority->conf->label, span_of_text(hand->actor),
					  span_of_text(addition->transaction_id)},
		    &verdict);
	if (verdict.decision == VERDICT_REFUSE)
		return refuse(&verdict, ret_reason);
	r = make_record(addition);
	if (r < 0)
		return r;
	return verdict.decision == VERDICT_ISSUE ? issue(addition, &verdict, ret_reason)
						 : hold(addition, &verdict);
}

/* What the same request came to before is what it comes to again. */
static int step(struct addition *addition, char **ret_reason)
{
	const struct verdict revoked = verdict_refusal(
		VERDICT_BAD_REQUEST, "RFC 5280 §5.3", "the certificate of this request is revoked");

	addition->place.expected_newest = addition->found.request.id;
	switch (ca_transaction_step(&addition->found.facts, addition->hand->now_s)) {
	case CA_TRANSACTION_WAIT:
	case CA_TRANSACTION_REDELIVER:
		addition->record = TAKE_STRUCT(addition->found.request);
		return 0;
	case CA_TRANSACTION_REVOKED:
		return refuse(&revoked, ret_reason);
	case CA_TRANSACTION_SUPERSEDE:
	case CA_TRANSACTION_NEW:
		break;
	}
	return decide(addition, ret_reason);
}

int flow_add_request(const struct hand *hand, const struct added *added,
		     struct ca_request_record *ret, char **ret_reason)
{
	_cleanup_(addition_done) struct addition addition = {.hand = hand};
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	int r;

	r = read_csr(&addition, added->csr, ret_reason);
	if (!r)
		r = hand_check_open(hand, ret_reason);
	if (!r)
		r = find_issuer(&addition, added->is_rollover, ret_reason);
	if (r)
		return r;
	claim = claim_take_transaction(hand->flow->claims, span_of_text(addition.transaction_id),
				       addition.requester);
	r = look_up(&addition);
	if (!r)
		r = step(&addition, ret_reason);
	if (!r)
		*ret = TAKE_STRUCT(addition.record);
	return r;
}
