/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/record.h"
#include "daemon/base/log.h"
#include "daemon/ca/room.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/peer-bucket.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int copy_message(const struct record_source *source, struct ca_request_record *ret)
{
	int r;

	r = bytes_copy(source->transaction_id, &ret->transaction_id);
	if (r >= 0)
		r = bytes_copy(source->sender_nonce, &ret->sender_nonce);
	if (r >= 0)
		r = bytes_copy(source->csr->whole, &ret->csr);
	if (r >= 0)
		r = bytes_copy(source->csr->subject, &ret->subject);
	if (r >= 0)
		r = span_to_text(source->peer, &ret->peer);
	return r;
}

int record_new(const struct record_source *source, struct ca_request_record *ret)
{
	*ret = (struct ca_request_record){
		.state = CA_REQUEST_INITIAL,
		.generation = source->generation,
		.signer_id = source->signer_id,
		.peer_bucket = source->bucket,
		.created_s = source->now_s,
		.updated_s = source->now_s,
		.expires_s = source->now_s + source->lifetime_s,
	};
	memcpy(ret->requester, source->requester, SHA256_SIZE);
	sha256(source->csr->whole, ret->csr_sha256);
	x509_key_sha256(&source->csr->key, ret->key_sha256);
	return copy_message(source, ret);
}

static void replace_text(char **text, const char *by)
{
	free(*text);
	*text = strdup(by);
}

void record_step(struct ca_request_record *record, enum ca_request_event event,
		 const struct verdict *verdict)
{
	enum ca_request_state next = ca_request_next(record->state, event);

	assert(next);
	log_debug(LOG_FIELDS(log_number("REQUEST", record->id),
			     log_span("TRANSACTION", span_of(record->transaction_id)),
			     log_text("RULE", verdict->rule)),
		  "request %s → %s (%s)", ca_request_state_name(record->state),
		  ca_request_state_name(next), verdict->reason);
	record->state = next;
	replace_text(&record->rule, verdict->rule);
	replace_text(&record->reason, verdict->reason);
}

int record_commit(struct flow *flow, const char *label, struct ca_request_record *record,
		  const struct record_place *place, const struct verdict *verdict)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = label,
		.now_s = record->updated_s,
		.request = record,
		.request_range = place->range,
		.expected_newest = place->expected_newest,
		.superseded = place->superseded,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	r = audit_of_request(record, verdict, record->peer, &event);
	if (r < 0)
		return r;
	r = store_commit(flow->store, &change);
	if (!r)
		flow_changed(flow);
	return r;
}

static int count_refused(const struct flow *flow, const char *label, bool *ret_room)
{
	unsigned refused;
	int r;

	r = store_request_count_refused(flow->store, label, &refused);
	if (r < 0)
		return r;
	*ret_room = refused < flow->conf->daemon.max_pending_requests;
	return 0;
}

/* Denied, or where enough denied ones are kept, removed. 0, STORE_CHANGED, -errno. */
static int commit_yielding(const struct scep_turn *turn, const char *label,
			   struct ca_request_record *record)
{
	const struct verdict verdict = verdict_refusal(
		VERDICT_BAD_REQUEST,
		"MaxPendingRequests=", "too many requests wait, and most of them are this peer's");
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = label, .now_s = turn->now_s, .audit = &event.row, .n_audit = 1};
	bool kept;
	int r;

	r = count_refused(turn->flow, label, &kept);
	if (r < 0)
		return r;
	record_step(record, CA_REQUEST_EVENT_DENY, &verdict);
	record->updated_s = turn->now_s;
	r = audit_of_request(record, &verdict, NULL, &event);
	if (r < 0)
		return r;
	if (kept)
		change.request = record;
	else
		change.remove_request = record->id;
	return store_commit(turn->flow->store, &change);
}

/* Under its transaction's claim, but without waiting for it: we hold one ourselves. */
static int yield_one(const struct scep_turn *turn, const struct store_most_pending *most,
		     const pthread_mutex_t *held, bool *ret)
{
	struct claims *claims = turn->flow->claims;
	struct span transaction_id;
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(ca_request_record_done) struct ca_request_record record = {};
	int r;

	r = store_request_load(turn->flow->store, most->server, most->newest, &record);
	if (r)
		return r < 0 ? r : 0;
	transaction_id = span_of(record.transaction_id);
	claim = claim_try_transaction(claims, transaction_id, record.requester);
	if (!claim && !claim_covers_transaction(claims, held, transaction_id, record.requester))
		return 0;
	if (record.state != CA_REQUEST_PENDING)
		return 0;
	r = commit_yielding(turn, most->server, &record);
	*ret = !r;
	if (!r)
		log_notice(LOG_FIELDS(log_text("SERVER", most->server),
				      log_number("REQUEST", record.id),
				      log_text("PEER", record.peer ? record.peer : "")),
			   "a request yields to another peer's: too many wait");
	return r < 0 ? r : 0;
}

int record_make_room(const struct scep_turn *turn, const pthread_mutex_t *held, bool *ret)
{
	struct ca_room_facts facts = {.most = turn->flow->conf->daemon.max_pending_requests};
	struct store_most_pending most = {};
	enum ca_room room;
	int r;

	*ret = false;
	r = store_request_count_pending(turn->flow->store, peer_bucket(turn->peer), &facts.waiting,
					&facts.of_peer);
	if (r >= 0 && facts.waiting >= facts.most)
		r = store_request_most_pending(turn->flow->store, &most);
	if (r < 0)
		return r;
	facts.of_greatest = most.n;
	room = ca_room_find(&facts);
	*ret = room == CA_ROOM_FREE;
	if (room == CA_ROOM_YIELD)
		r = yield_one(turn, &most, held, ret);
	store_most_pending_done(&most);
	return r < 0 ? r : 0;
}

int record_has_room_for_refused(const struct scep_turn *turn, bool *ret)
{
	return count_refused(turn->flow, turn->authority->conf->label, ret);
}
