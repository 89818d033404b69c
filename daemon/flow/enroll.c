/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll.h"
#include "daemon/base/log.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/facts.h"
#include "daemon/flow/issue.h"
#include "daemon/flow/record.h"
#include "daemon/x509/name.h"
#include <stdlib.h>

#define DECIDE_AGAIN_MAX 4 /* times that another daemon on the same database may come between */

/* One request on its way: what was found out, and what the database will say of it. */
struct enrollment {
	struct signer_facts signer;
	struct transaction_facts transaction;
	struct grant_facts grant;
	struct ca_request_record record;
	int64_t password_id;
	int64_t superseded;
};

static void enrollment_done(struct enrollment *enrollment)
{
	signer_facts_done(&enrollment->signer);
	transaction_facts_done(&enrollment->transaction);
	ca_request_record_done(&enrollment->record);
	*enrollment = (struct enrollment){};
}

static int refuse(const struct scep_turn *turn, struct enrollment *enrollment,
		  enum ca_request_event event, const struct verdict *verdict,
		  struct scep_outcome *ret)
{
	bool room;
	int r;

	scep_outcome_fail(ret, (enum scep_fail_info)verdict->fail_info, verdict->reason);
	record_step(&enrollment->record, event, verdict);
	r = record_has_room_for_refused(turn, &room);
	if (r < 0 || !room)
		return r;
	r = record_commit(turn, &enrollment->record, enrollment->transaction.request.id,
			  enrollment->superseded);
	return r == STORE_CHANGED ? ISSUE_CHANGED : r;
}

static int hold(const struct scep_turn *turn, struct enrollment *enrollment,
		const struct verdict *verdict, struct scep_outcome *ret)
{
	bool room;
	int r;

	r = record_has_room(turn, &room);
	if (r < 0)
		return r;
	if (!room) {
		ret->busy = true;
		return 0;
	}
	ret->status = SCEP_PENDING;
	record_step(&enrollment->record, CA_REQUEST_EVENT_HOLD, verdict);
	r = record_commit(turn, &enrollment->record, enrollment->transaction.request.id,
			  enrollment->superseded);
	return r == STORE_CHANGED ? ISSUE_CHANGED : r;
}

static int issue(const struct scep_turn *turn, struct enrollment *enrollment,
		 const struct verdict *verdict, struct scep_outcome *ret)
{
	struct issue_order order = {
		.permit = verdict->permit,
		.authority = turn->authority,
		.issuer = turn->active,
		.request = &enrollment->record,
		.expected_newest = enrollment->transaction.request.id,
		.superseded = enrollment->superseded,
		.password_id = enrollment->password_id,
		.actor = enrollment->record.peer,
		.now_s = turn->now_s,
	};

	ret->status = SCEP_SUCCESS;
	record_step(&enrollment->record, CA_REQUEST_EVENT_AUTHORIZE, verdict);
	return flow_issue(turn->flow, &order, &ret->certificate);
}

static int carry_out(const struct scep_turn *turn, struct enrollment *enrollment,
		     const struct verdict *verdict, struct scep_outcome *ret)
{
	audit_alarm(turn, verdict);
	switch (verdict->decision) {
	case VERDICT_ISSUE:
		return issue(turn, enrollment, verdict, ret);
	case VERDICT_PENDING:
		return hold(turn, enrollment, verdict, ret);
	case VERDICT_REFUSE:
		break;
	}
	return refuse(turn, enrollment, CA_REQUEST_EVENT_DENY, verdict, ret);
}

/* A first request is signed by the key it names; for a renewal the old certificate speaks. */
static bool signer_speaks_for_key(const struct scep_turn *turn, const struct grant_facts *facts)
{
	return grant_is_renewal(facts) ||
	       span_equal(turn->request->signer.key.spki, turn->content->request.key.spki);
}

static struct verdict judge(const struct scep_turn *turn, const struct grant_facts *facts)
{
	struct profile_refusal refusal =
		facts_judge_profile(turn->authority->conf, &turn->content->request);

	if (facts->class == GRANT_CLASS_ROUTER && refusal.rule)
		return verdict_refusal(refusal.bad_alg ? VERDICT_BAD_ALG : VERDICT_BAD_REQUEST,
				       refusal.rule, refusal.reason);
	if (!facts->signer.revoked && !signer_speaks_for_key(turn, facts))
		return verdict_refusal(
			VERDICT_BAD_REQUEST, "RFC 8894 §2.3",
			"the message is not signed by the key that the request names");
	return grant_decide(facts);
}

/* Facts for policy. Where a live password is among them, its claim is taken, and the facts once
 * more under it: of several that bring one password, one alone finds it live. */
static int gather(const struct scep_turn *turn, struct enrollment *enrollment,
		  pthread_mutex_t **ret_claim)
{
	int r;

	r = facts_for_grant(turn, &enrollment->signer, &enrollment->grant,
			    &enrollment->password_id);
	if (r < 0 || !enrollment->password_id)
		return r;
	*ret_claim = claim_take(turn->flow->claims, CLAIM_PASSWORD,
				SPAN(&enrollment->password_id, sizeof(enrollment->password_id)));
	return facts_for_grant(turn, &enrollment->signer, &enrollment->grant,
			       &enrollment->password_id);
}

/* Policy's word on a new request, carried out. */
static int decide(const struct scep_turn *turn, struct enrollment *enrollment,
		  struct scep_outcome *ret)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	struct verdict verdict;
	int r;

	r = gather(turn, enrollment, &claim);
	if (r < 0)
		return r;
	verdict = judge(turn, &enrollment->grant);
	enrollment->record.class = enrollment->grant.class;
	enrollment->record.renewal = grant_is_renewal(&enrollment->grant);
	return carry_out(turn, enrollment, &verdict, ret);
}

static int redeliver(struct enrollment *enrollment, struct scep_outcome *ret)
{
	ret->status = SCEP_SUCCESS;
	ret->certificate = TAKE_STRUCT(enrollment->transaction.certificate.certificate);
	return 0;
}

static int step(const struct scep_turn *turn, struct enrollment *enrollment,
		struct scep_outcome *ret)
{
	switch (ca_transaction_step(&enrollment->transaction.facts, turn->now_s)) {
	case CA_TRANSACTION_WAIT:
		ret->status = SCEP_PENDING;
		return 0;
	case CA_TRANSACTION_REDELIVER:
		return redeliver(enrollment, ret);
	case CA_TRANSACTION_REVOKED:
		scep_outcome_fail(ret, SCEP_BAD_REQUEST,
				  "the certificate of this transaction is revoked");
		return 0;
	case CA_TRANSACTION_SUPERSEDE:
		enrollment->superseded = enrollment->transaction.request.id;
		break;
	case CA_TRANSACTION_NEW:
		break;
	}
	return decide(turn, enrollment, ret);
}

/* What speaks against the keys of a request: nothing (NULL rule), or a verdict. */
static struct verdict judge_keys(const struct scep_turn *turn, enum ca_request_event *ret_event)
{
	const struct x509_request *csr = &turn->content->request;

	*ret_event = CA_REQUEST_EVENT_DENY;
	if (csr->key.kind != X509_KEY_RSA)
		return verdict_refusal(VERDICT_BAD_ALG, "RSA only", "the request's key is not RSA");
	if (!scep_request_can_be_answered(turn->request))
		return verdict_refusal(VERDICT_BAD_REQUEST, "RFC 8894 §2.3",
				       "no answer can be enveloped to the signer's certificate: "
				       "its keyUsage lacks keyEncipherment");
	*ret_event = CA_REQUEST_EVENT_INVALIDATE;
	if (x509_verify(&csr->key, csr->digest, csr->to_be_signed, csr->signature) < 0)
		return verdict_refusal(VERDICT_BAD_REQUEST, "RFC 2986 §4.2",
				       "the request's own signature is wrong");
	return (struct verdict){};
}

static int enroll_once(const struct scep_turn *turn, struct scep_outcome *ret)
{
	_cleanup_(enrollment_done) struct enrollment enrollment = {};
	enum ca_request_event event;
	struct verdict verdict;
	int r;

	r = facts_of_signer(turn, &enrollment.signer);
	if (r < 0)
		return r;
	r = facts_of_transaction(turn, &enrollment.signer, &enrollment.transaction);
	if (r < 0)
		return r;
	r = record_new(turn, enrollment.signer.requester, &enrollment.record);
	if (r < 0)
		return r;
	verdict = judge_keys(turn, &event);
	if (verdict.rule)
		return refuse(turn, &enrollment, event, &verdict, ret);
	return step(turn, &enrollment, ret);
}

int flow_enroll(const struct scep_turn *turn, struct scep_outcome *ret)
{
	/* One at a time of a transaction: a repeated message finds what the first one did. */
	_cleanup_(claim_releasep) pthread_mutex_t *claim =
		claim_take(turn->flow->claims, CLAIM_TRANSACTION, turn->request->transaction_id);
	int r = ISSUE_CHANGED;

	for (int i = 0; i < DECIDE_AGAIN_MAX && r == ISSUE_CHANGED; i++) {
		scep_outcome_done(ret);
		r = enroll_once(turn, ret);
	}
	return r == ISSUE_CHANGED ? -EBUSY : r;
}
