/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/enroll.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/enroll/facts.h"
#include "daemon/flow/enroll/issue.h"
#include "daemon/flow/enroll/judge.h"
#include "daemon/flow/enroll/record.h"
#include "daemon/flow/enroll/suspicion.h"
#include "daemon/flow/enroll/waiting.h"
#include "daemon/flow/peer-bucket.h"

#define DECIDE_AGAIN_MAX 4 /* times that another daemon on the same database may come between */

/* One request on its way: what was found out, and what the database will say of it. */
struct enrollment {
	const struct signer_facts *signer;
	const pthread_mutex_t *claim; /* its transaction's */
	struct transaction_facts transaction;
	struct grant_facts grant;
	struct ca_request_record record;
	struct record_place place;
	int64_t password_id;
};

static void enrollment_done(struct enrollment *enrollment)
{
	transaction_facts_done(&enrollment->transaction);
	ca_request_record_done(&enrollment->record);
	*enrollment = (struct enrollment){};
}

static int commit(const struct scep_turn *turn, struct enrollment *enrollment,
		  const struct verdict *verdict)
{
	int r = record_commit(turn->flow, turn->authority->conf->label, &enrollment->record,
			      &enrollment->place, verdict);

	return r == STORE_CHANGED ? ISSUE_CHANGED : r;
}

static int refuse(const struct scep_turn *turn, struct enrollment *enrollment,
		  const struct judgement *judgement, struct scep_outcome *ret)
{
	const struct verdict *verdict = &judgement->verdict;
	bool room;
	int r;

	scep_outcome_fail(ret, (enum scep_fail_info)verdict->fail_info, verdict->reason);
	record_step(&enrollment->record, judgement->refusal, verdict);
	r = record_has_room_for_refused(turn, &room);
	return r < 0 || !room ? r : commit(turn, enrollment, verdict);
}

/* One that supersedes another takes its place, and leaves that one behind as refused. */
static int find_room(const struct scep_turn *turn, const struct enrollment *enrollment, bool *ret)
{
	return enrollment->place.superseded ? record_has_room_for_refused(turn, ret)
					    : record_make_room(turn, enrollment->claim, ret);
}

static int hold(const struct scep_turn *turn, struct enrollment *enrollment,
		const struct verdict *verdict, struct scep_outcome *ret)
{
	bool room;
	int r;

	r = find_room(turn, enrollment, &room);
	if (r < 0)
		return r;
	if (!room) {
		ret->busy = true;
		return 0;
	}
	ret->status = SCEP_PENDING;
	record_step(&enrollment->record, CA_REQUEST_EVENT_HOLD, verdict);
	return commit(turn, enrollment, verdict);
}

/* For the CA's token, which is away. */
static int wait(const struct scep_turn *turn, struct enrollment *enrollment,
		const struct verdict *verdict, struct scep_outcome *ret)
{
	bool room;
	int r = find_room(turn, enrollment, &room);

	if (r < 0)
		return r;
	ret->busy = !room;
	ret->status = SCEP_PENDING;
	return room ? waiting_record(turn, &enrollment->record, &enrollment->place,
				     enrollment->password_id, verdict)
		    : 0;
}

static int issue(const struct scep_turn *turn, struct enrollment *enrollment,
		 const struct verdict *verdict, struct scep_outcome *ret)
{
	struct issue_order order = {
		.verdict = verdict,
		.authority = turn->authority,
		.issuer = turn->addressed,
		.request = &enrollment->record,
		.place = enrollment->place,
		.password_id = enrollment->password_id,
		.actor = enrollment->record.peer,
		.now_s = turn->now_s,
	};

	struct judgement lint = {.refusal = CA_REQUEST_EVENT_DENY};
	bool room = true;
	int r = 0;

	/* What an RA passes on waits, as what an operator is to decide on does. */
	if (conf_server_is_ra(turn->authority->conf))
		r = find_room(turn, enrollment, &room);
	if (r < 0)
		return r;
	ret->busy = !room;
	if (!room)
		return 0;
	record_step(&enrollment->record, CA_REQUEST_EVENT_AUTHORIZE, verdict);
	if (waiting_is_due(turn))
		return wait(turn, enrollment, verdict, ret);
	ret->status = SCEP_SUCCESS;
	r = flow_issue(turn->flow, &order, &ret->certificate, &lint.verdict);
	if (r == ISSUE_FORWARDED)
		ret->status = SCEP_PENDING;
	return r == ISSUE_LINT	      ? refuse(turn, enrollment, &lint, ret)
	       : r == ISSUE_FORWARDED ? 0
				      : r;
}

static int carry_out(const struct scep_turn *turn, struct enrollment *enrollment,
		     const struct judgement *judgement, struct scep_outcome *ret)
{
	const struct verdict *verdict = &judgement->verdict;

	audit_alarm(&(struct audit_party){turn->authority->conf->label, turn->peer,
					  turn->request->transaction_id},
		    verdict);
	switch (verdict->decision) {
	case VERDICT_ISSUE:
		return issue(turn, enrollment, verdict, ret);
	case VERDICT_PENDING:
		return hold(turn, enrollment, verdict, ret);
	case VERDICT_REFUSE:
		break;
	}
	return refuse(turn, enrollment, judgement, ret);
}

/* Facts for policy. Where a live password is among them, its claim is taken, and the facts once
 * more under it: of several that bring one password, one alone finds it live. Nobody waits for it
 * here: a peer could keep one worker after another waiting. */
static int gather(const struct scep_turn *turn, struct enrollment *enrollment,
		  pthread_mutex_t **ret_claim)
{
	int r;

	r = facts_for_grant(turn, enrollment->signer, &enrollment->grant, &enrollment->password_id);
	if (r < 0 || !enrollment->password_id)
		return r;
	*ret_claim = claim_try(turn->flow->claims, CLAIM_PASSWORD,
			       SPAN(&enrollment->password_id, sizeof(enrollment->password_id)));
	if (!*ret_claim)
		return FLOW_LATER;
	return facts_for_grant(turn, enrollment->signer, &enrollment->grant,
			       &enrollment->password_id);
}

static int make_record(const struct scep_turn *turn, struct enrollment *enrollment)
{
	const struct record_source source = {
		.transaction_id = turn->request->transaction_id,
		.sender_nonce = turn->request->sender_nonce,
		.requester = enrollment->signer->requester,
		.signer_id = enrollment->signer->certificate.id,
		.peer = turn->peer,
		.bucket = peer_bucket(turn->peer),
		.csr = &turn->content->request,
		.generation = turn->addressed->record->number,
		.lifetime_s = turn->authority->conf->request_lifetime_s,
		.now_s = turn->now_s,
	};
	int r;

	r = record_new(&source, &enrollment->record);
	enrollment->record.class = enrollment->grant.class;
	enrollment->record.renewal = grant_is_renewal(&enrollment->grant);
	/* Whether its CA revoked it since is looked up when the request is passed on. */
	if (r >= 0 && enrollment->record.renewal && conf_server_is_ra(turn->authority->conf))
		r = bytes_copy(turn->request->signer.whole, &enrollment->record.renewed);
	return r;
}

/* A new request: judged, recorded, the judgement carried out. */
static int decide(const struct scep_turn *turn, struct enrollment *enrollment,
		  struct scep_outcome *ret)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	struct judgement judgement;
	int r;

	r = gather(turn, enrollment, &claim);
	ret->in_hand = r == FLOW_LATER;
	if (r)
		return r;
	judgement = judge_request(turn, &enrollment->grant);
	r = make_record(turn, enrollment);
	if (r >= 0)
		r = suspicion_note(turn, enrollment->signer, &enrollment->grant,
				   &enrollment->record);
	if (r < 0)
		return r;
	return carry_out(turn, enrollment, &judgement, ret);
}

/* A message that gets the certificate again is one that was answered, however late it is repeated:
 * the first and the newest of them are known by their nonces. */
static int note_answered(const struct scep_turn *turn, struct enrollment *enrollment)
{
	struct ca_request_record *request = &enrollment->transaction.request;
	struct store_change change = {
		.server = turn->authority->conf->label, .now_s = turn->now_s, .request = request};
	int r;

	if (enrollment->transaction.facts.same_nonce)
		return 0;
	bytes_done(&request->answered_nonce);
	r = bytes_copy(turn->request->sender_nonce, &request->answered_nonce);
	if (r < 0)
		return r;
	r = store_commit(turn->flow->store, &change);
	return r == STORE_CHANGED ? ISSUE_CHANGED : r;
}

static int redeliver(const struct scep_turn *turn, struct enrollment *enrollment,
		     struct scep_outcome *ret)
{
	int r;

	r = note_answered(turn, enrollment);
	if (r)
		return r;
	ret->status = SCEP_SUCCESS;
	ret->certificate = TAKE_STRUCT(enrollment->transaction.certificate.certificate);
	return 0;
}

static int step(const struct scep_turn *turn, struct enrollment *enrollment,
		struct scep_outcome *ret)
{
	enrollment->place.range =
		generations_requests(turn->generations, turn->addressed, turn->now_s);
	enrollment->place.expected_newest = enrollment->transaction.request.id;
	switch (ca_transaction_step(&enrollment->transaction.facts, turn->now_s)) {
	case CA_TRANSACTION_WAIT:
		return waiting_resume(turn, &enrollment->transaction.request, ret);
	case CA_TRANSACTION_REDELIVER:
		return redeliver(turn, enrollment, ret);
	case CA_TRANSACTION_REVOKED:
		scep_outcome_fail(ret, SCEP_BAD_REQUEST,
				  "the certificate of this transaction is revoked");
		return 0;
	case CA_TRANSACTION_SUPERSEDE:
		enrollment->place.superseded = enrollment->transaction.request.id;
		break;
	case CA_TRANSACTION_NEW:
		break;
	}
	return decide(turn, enrollment, ret);
}

static int enroll_once(const struct scep_turn *turn, const struct signer_facts *signer,
		       const pthread_mutex_t *claim, struct scep_outcome *ret)
{
	_cleanup_(enrollment_done) struct enrollment enrollment = {.signer = signer,
								   .claim = claim};
	int r;

	r = facts_of_transaction(turn, signer, &enrollment.transaction);
	return r < 0 ? r : step(turn, &enrollment, ret);
}

/* One at a time of a transaction: a repeated message finds what the first one did. */
static int claim_transaction(const struct scep_turn *turn, struct signer_facts *signer,
			     pthread_mutex_t **ret)
{
	int r;

	r = facts_of_signer(turn, signer);
	if (r < 0)
		return r;
	*ret = claim_try_transaction(turn->flow->claims, turn->request->transaction_id,
				     signer->requester);
	return *ret ? 0 : FLOW_LATER;
}

int flow_enroll_check(const struct scep_turn *turn)
{
	_cleanup_(signer_facts_done) struct signer_facts signer = {};
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;

	return claim_transaction(turn, &signer, &claim);
}

int flow_enroll(const struct scep_turn *turn, struct scep_outcome *ret)
{
	_cleanup_(signer_facts_done) struct signer_facts signer = {};
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	int r;

	r = claim_transaction(turn, &signer, &claim);
	ret->in_hand = r == FLOW_LATER;
	if (r)
		return r;
	r = ISSUE_CHANGED;
	for (int i = 0; i < DECIDE_AGAIN_MAX && r == ISSUE_CHANGED; i++) {
		scep_outcome_done(ret);
		r = enroll_once(turn, &signer, claim, ret);
	}
	return r == ISSUE_CHANGED ? -EBUSY : r;
}
