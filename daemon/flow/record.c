/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/record.h"
#include "daemon/base/log.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/peer-bucket.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PEER_SHARE 8 /* a peer may hold one in so many of the places for pending requests */

static int copy_message(const struct scep_turn *turn, struct ca_request_record *ret)
{
	const struct x509_request *csr = &turn->content->request;
	int r;

	r = bytes_copy(turn->request->transaction_id, &ret->transaction_id);
	if (r >= 0)
		r = bytes_copy(turn->request->sender_nonce, &ret->sender_nonce);
	if (r >= 0)
		r = bytes_copy(csr->whole, &ret->csr);
	if (r >= 0)
		r = bytes_copy(csr->subject, &ret->subject);
	if (r >= 0)
		r = span_to_text(turn->peer, &ret->peer);
	return r;
}

int record_new(const struct scep_turn *turn, const uint8_t requester[static SHA256_SIZE],
	       struct ca_request_record *ret)
{
	const struct x509_request *csr = &turn->content->request;

	*ret = (struct ca_request_record){
		.state = CA_REQUEST_INITIAL,
		.peer_bucket = peer_bucket(turn->peer),
		.created_s = turn->now_s,
		.updated_s = turn->now_s,
		.expires_s = turn->now_s + turn->authority->conf->request_lifetime_s,
	};
	memcpy(ret->requester, requester, SHA256_SIZE);
	sha256(csr->whole, ret->csr_sha256);
	x509_key_sha256(&csr->key, ret->key_sha256);
	return copy_message(turn, ret);
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

int record_commit(const struct scep_turn *turn, struct ca_request_record *record,
		  const struct record_place *place, const struct verdict *verdict)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = turn->authority->conf->label,
		.now_s = turn->now_s,
		.request = record,
		.expected_newest = place->expected_newest,
		.superseded = place->superseded,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	r = audit_of_request(record, verdict, record->peer, &event);
	if (r < 0)
		return r;
	r = store_commit(turn->flow->store, &change);
	if (!r)
		flow_changed(turn->flow);
	return r;
}

int record_has_room(const struct scep_turn *turn, bool *ret)
{
	const struct flow *flow = turn->flow;
	unsigned most = flow->conf->daemon.max_pending_requests, all = 0, of_peer = 0;
	uint64_t bucket = peer_bucket(turn->peer);

	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		unsigned here, of_peer_here;
		int r;

		r = store_request_count_pending(flow->store, flow->conf->servers[i].label, bucket,
						&here, &of_peer_here);
		if (r < 0)
			return r;
		all += here;
		of_peer += of_peer_here;
	}
	*ret = all < most && of_peer < (most + PEER_SHARE - 1) / PEER_SHARE;
	return 0;
}

int record_has_room_for_refused(const struct scep_turn *turn, bool *ret)
{
	unsigned refused;
	int r;

	r = store_request_count_refused(turn->flow->store, turn->authority->conf->label, &refused);
	if (r < 0)
		return r;
	*ret = refused < turn->flow->conf->daemon.max_pending_requests;
	return 0;
}
