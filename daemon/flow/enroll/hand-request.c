/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does with requests; certificates and passwords are hand.c. */
#include "daemon/base/files.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/enroll/facts.h"
#include "daemon/flow/enroll/hand.h"
#include "daemon/flow/enroll/issue.h"
#include "daemon/flow/enroll/record.h"
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/x509/name.h"

int hand_check_open(const struct hand *hand, char **ret_reason)
{
	struct authority_standing standing;
	const char *reason;
	bool open;
	int r;

	r = authority_standing_load(hand->flow, hand->authority, hand->now_s, &standing);
	if (r < 0)
		return r;
	open = ca_server_may_issue(&standing.facts, hand->now_s, &reason);
	r = open ? 0
		 : text_format(ret_reason, "server %s can't issue now: %s",
			       hand->authority->conf->label,
			       *reason ? reason : "it is not created");
	authority_standing_done(&standing);
	return open || r < 0 ? r : FLOW_REFUSED;
}

static int load_pending(const struct hand *hand, int64_t id, struct ca_request_record *ret,
			char **ret_reason)
{
	int r = store_request_load(hand->flow->store, hand->authority->conf->label, id, ret);

	if (r)
		return r < 0 ? r : HAND_NOT_FOUND;
	if (ret->state == CA_REQUEST_PENDING)
		return 0;
	r = text_format(ret_reason, "request %lld is %s, not pending", (long long)id,
			ca_request_state_name(ret->state));
	return r < 0 ? r : FLOW_REFUSED;
}

/* Under the transaction's claim: the router may be asking again at this moment. */
static int load_claimed(const struct hand *hand, int64_t id, struct ca_request_record *ret,
			pthread_mutex_t **ret_claim, char **ret_reason)
{
	_cleanup_(ca_request_record_done) struct ca_request_record seen = {};
	int r;

	r = load_pending(hand, id, &seen, ret_reason);
	if (r)
		return r;
	*ret_claim = claim_take_transaction(hand->flow->claims, span_of(seen.transaction_id),
					    seen.requester);
	return load_pending(hand, id, ret, ret_reason);
}

/* What another daemon on the same database changed between look and commit. */
static int refuse_changed(int64_t id, char **ret_reason)
{
	int r = text_format(ret_reason, "request %lld has just changed: look again", (long long)id);

	return r < 0 ? r : FLOW_REFUSED;
}

/* It was in force when the request came; it may have been revoked since. */
static int check_signer(const struct hand *hand, const struct ca_request_record *request,
			struct grant_signer *ret)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record signer = {};
	int r;

	if (!request->signer_id)
		return 0;
	r = store_certificate_load(hand->flow->store, request->signer_id, &signer);
	if (r)
		return r < 0 ? r : -EUCLEAN;
	ret->ours = true;
	ret->revoked = signer.revoked_s != 0;
	return 0;
}

int hand_judge(const struct hand *hand, const struct ca_request_record *request,
	       const struct generation *issuer, struct verdict *ret)
{
	struct profile_refusal refusal;
	struct grant_facts facts;
	struct x509_request csr;
	int r;

	r = x509_request_read(span_of(request->csr), &csr);
	if (r >= 0)
		r = facts_of_key(hand->flow, hand->authority->conf, &csr, hand->now_s, &facts);
	if (r >= 0)
		r = facts_of_issuer(issuer, &facts);
	if (r < 0)
		return r;
	facts.class = request->class;
	r = check_signer(hand, request, &facts.signer);
	if (r < 0)
		return r;
	refusal = facts_judge_profile(hand->authority, &csr);
	*ret = refusal.rule ? verdict_refusal(VERDICT_BAD_REQUEST, refusal.rule, refusal.reason)
			    : grant_by_hand(&facts);
	return 0;
}

static int refuse_cancelled(int64_t id, char **ret_reason)
{
	int r = text_format(ret_reason,
			    "request %lld is for a rollover certificate, and that rollover was "
			    "cancelled",
			    (long long)id);

	return r < 0 ? r : FLOW_REFUSED;
}

static int issue_by_hand(const struct hand *hand, struct ca_request_record *request,
			 const struct generation *issuer, const struct verdict *verdict,
			 struct verdict *ret_refusal)
{
	_cleanup_(bytes_done) struct bytes certificate = {};
	struct issue_order order = {
		.verdict = verdict,
		.authority = hand->authority,
		.issuer = issuer,
		.request = request,
		.actor = hand->actor,
		.now_s = hand->now_s,
	};

	record_step(request, CA_REQUEST_EVENT_AUTHORIZE, verdict);
	return flow_issue(hand->flow, &order, &certificate, ret_refusal);
}

static int refuse_with(int64_t id, const struct verdict *verdict, char **ret_reason)
{
	int r = text_format(ret_reason, "request %lld: %s (%s)", (long long)id, verdict->reason,
			    verdict->rule);

	return r < 0 ? r : FLOW_REFUSED;
}

/* Judged as it stands now, then issued. */
static int grant_pending(const struct hand *hand, struct ca_request_record *request,
			 char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(hand->authority);
	const struct generation *issuer =
		generations_issuer(generations, request->generation, hand->now_s);
	struct verdict verdict, lint;
	int r;

	r = hand_judge(hand, request, issuer, &verdict);
	if (r)
		return r;
	audit_alarm(&(struct audit_party){hand->authority->conf->label, span_of_text(request->peer),
					  span_of(request->transaction_id)},
		    &verdict);
	if (!issuer)
		return refuse_cancelled(request->id, ret_reason);
	if (verdict.decision != VERDICT_ISSUE)
		return refuse_with(request->id, &verdict, ret_reason);
	r = issue_by_hand(hand, request, issuer, &verdict, &lint);
	if (r == ISSUE_LINT)
		return refuse_with(request->id, &lint, ret_reason);
	if (r == ISSUE_CHANGED)
		return refuse_changed(request->id, ret_reason);
	return r == ISSUE_LATER ? FLOW_LATER : r == ISSUE_FORWARDED ? 0 : r;
}

int flow_grant_request(const struct hand *hand, int64_t id, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	int r;

	r = hand_check_open(hand, ret_reason);
	if (!r)
		r = load_claimed(hand, id, &request, &claim, ret_reason);
	return r ? r : grant_pending(hand, &request, ret_reason);
}

int flow_reject_request(const struct hand *hand, int64_t id, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	_cleanup_(audit_done) struct audit_event event = {};
	struct verdict verdict =
		verdict_refusal(VERDICT_BAD_REQUEST, "request reject", "refused by the operator");
	struct store_change change = {.server = hand->authority->conf->label,
				      .now_s = hand->now_s,
				      .request = &request,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	r = load_claimed(hand, id, &request, &claim, ret_reason);
	if (r)
		return r;
	record_step(&request, CA_REQUEST_EVENT_DENY, &verdict);
	request.updated_s = hand->now_s;
	r = audit_of_request(&request, &verdict, hand->actor, &event);
	if (r >= 0)
		r = store_commit(hand->flow->store, &change);
	return r > 0 ? refuse_changed(id, ret_reason) : r;
}

/* Its transaction is a clean slate then: whatever comes again under it is new. */
int flow_remove_request(const struct hand *hand, int64_t id, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	_cleanup_(audit_done) struct audit_event event = {};
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {.server = hand->authority->conf->label,
				      .now_s = hand->now_s,
				      .remove_request = id,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	r = store_request_load(hand->flow->store, change.server, id, &request);
	if (r)
		return r < 0 ? r : HAND_NOT_FOUND;
	claim = claim_take_transaction(hand->flow->claims, span_of(request.transaction_id),
				       request.requester);
	r = text_format(&note, "request %lld, %s", (long long)id,
			ca_request_state_name(request.state));
	if (r >= 0)
		r = audit_of_act(AUDIT_REQUEST_REMOVE, hand->actor, change.server, note, &event);
	if (r >= 0)
		r = store_commit(hand->flow->store, &change);
	return r > 0 ? refuse_changed(id, ret_reason) : r;
}

int flow_remove_all_requests(const struct hand *hand, unsigned *ret_n)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.server = hand->authority->conf->label,
				      .now_s = hand->now_s,
				      .remove_all_requests = ret_n,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	r = audit_of_act(AUDIT_REQUEST_REMOVE, hand->actor, change.server, "all", &event);
	if (r >= 0)
		r = store_commit(hand->flow->store, &change);
	return r > 0 ? HAND_NOT_FOUND : r;
}
