/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/park.h"
#include "daemon/base/crash.h"
#include "daemon/base/log.h"
#include "daemon/flow/allowance.h"
#include "daemon/flow/enroll/facts.h"
#include "daemon/flow/peer-bucket.h"
#include "daemon/store/parked.h"
#include <stdlib.h>
#include <string.h>

/* Each makes room for another, which may be larger than several of them. */
#define YIELDS_MOST 64

static int find_requester(struct flow *flow, struct authority *authority,
			  const struct scep_request *request, int64_t now_s,
			  uint8_t ret[static SHA256_SIZE])
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	_cleanup_(signer_facts_done) struct signer_facts signer = {};
	const struct scep_turn turn = {.flow = flow,
				       .authority = authority,
				       .generations = generations,
				       .request = request,
				       .now_s = now_s};
	int r = facts_of_signer(&turn, &signer);

	if (r >= 0)
		memcpy(ret, signer.requester, SHA256_SIZE);
	return r;
}

static int copy_call(const struct scep_call *call, const char *token,
		     const struct scep_request *request, struct ca_parked_record *ret)
{
	int r;

	r = span_to_text(call->server, &ret->server);
	if (r >= 0)
		r = span_to_text(span_of_text(token), &ret->token);
	if (r >= 0)
		r = bytes_copy(request->transaction_id, &ret->transaction_id);
	if (r >= 0)
		r = span_to_text(call->peer, &ret->peer);
	if (r >= 0)
		r = bytes_copy(call->message, &ret->message);
	ret->peer_bucket = peer_bucket(call->peer);
	ret->type = request->type;
	return r;
}

static void tell(const struct ca_parked_record *record, enum log_level level, const char *what)
{
	log_write(level,
		  LOG_FIELDS(log_text("SERVER", record->server), log_text("TOKEN", record->token),
			     log_text("PEER", record->peer),
			     log_span("TRANSACTION", span_of(record->transaction_id)),
			     log_text("TYPE", scep_message_type_name(
						      (enum scep_message_type)record->type))),
		  "%s", what);
}

/* What ca_parked_room() has somebody drop for it; 0: nothing. */
static int64_t yielding_of(const struct store_parked_shares *shares, enum ca_parked_room room)
{
	return room == CA_PARKED_YIELD_NUMBER  ? shares->newest_of_most
	       : room == CA_PARKED_YIELD_BYTES ? shares->newest_of_largest
					       : 0;
}

/* Drops what is in the way, one at a time. *ret_first: nothing waited before it. */
static int put(struct flow *flow, const struct ca_parked_record *record, bool *ret_first)
{
	struct store_parked_shares shares;
	enum ca_parked_room room = CA_PARKED_NONE;
	int64_t yielding;
	int r;

	for (unsigned i = 0; i < YIELDS_MOST; i++) {
		r = store_parked_shares(flow->store, record, &shares);
		if (r < 0)
			return r;
		room = ca_parked_room(&(struct ca_parked_facts){
			flow->conf->daemon.max_pending_requests, record->message.size,
			shares.number, shares.bytes});
		yielding = yielding_of(&shares, room);
		*ret_first = !shares.number.all;
		if (!yielding)
			break;
		log_notice(LOG_FIELDS(log_number("MESSAGE", yielding)),
			   "a message that waits for a token yields to another peer's: too many "
			   "wait");
		r = store_parked_remove(flow->store, yielding);
		if (r < 0)
			return r;
	}
	return room == CA_PARKED_FREE ? store_parked_put(flow->store, record) : FLOW_REFUSED;
}

int flow_park(struct flow *flow, const struct scep_call *call, const char *token,
	      int64_t received_s)
{
	_cleanup_(scep_request_done) struct scep_request request = {};
	_cleanup_(ca_parked_record_done) struct ca_parked_record record = {.received_s =
										   received_s};
	struct authority *authority = flow_find_authority(flow, call->server);
	struct scep_allowance allowance;
	enum scep_trouble trouble;
	bool first = false;
	int r;

	if (!authority)
		return FLOW_REFUSED;
	allowance = allowance_of(authority->conf);
	r = scep_request_open(call->message, &allowance, &request, &trouble);
	if (r || trouble)
		return r < 0 ? r : FLOW_REFUSED;
	r = copy_call(call, token, &request, &record);
	if (r >= 0)
		r = find_requester(flow, authority, &request, received_s, record.requester);
	if (r >= 0)
		r = put(flow, &record, &first);
	if (r) {
		tell(&record, LOG_LEVEL_INFO,
		     "no room for one more message that waits for its token");
		return r < 0 ? r : FLOW_REFUSED;
	}
	crash_here(CRASH_PARKED_SAVED);
	/* The first is news to an operator, a thousand are not. */
	tell(&record, first ? LOG_LEVEL_NOTICE : LOG_LEVEL_INFO,
	     "a message waits, recorded, for its token");
	flow_waits(flow);
	return 0;
}

struct counting {
	const char *label;
	unsigned n;
};

static int add_up(void *context, const struct store_parked_place *place)
{
	struct counting *counting = context;

	if (!strcmp(place->server, counting->label))
		counting->n += place->n;
	return 0;
}

int flow_count_parked(struct flow *flow, const char *label, struct parked_count *ret)
{
	struct counting counting = {.label = label};
	int r = store_parked_list(flow->store, add_up, &counting);

	ret->messages = counting.n;
	return r < 0 ? r : store_request_count_authorized(flow->store, label, &ret->requests);
}
