/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/ra/relay.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/ca/relay.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/reach.h"
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/scep/client.h"

#define DER_SEQUENCE 0x30

enum { STATUS_OK = 200, STATUS_REFUSED = 403, STATUS_BAD_ANSWER = 502, STATUS_LATER = 503 };

/* Whether there is something to relay by: a transparent RA's own state; an RA's was asked when its
 * message was looked at. */
static struct ca_server_facts facts_of(struct flow *flow, struct authority *authority)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	struct ca_server_facts facts = {
		.created = generations->created,
		.wanted = generations->enabled,
		.relays = true,
		.time_good = true,
		.token_ready = true,
	};
	char breach[AUTHORITY_BREACH_SIZE];
	const char *reason;

	authority_breach_tell(authority, generations, breach);
	facts.breach = *breach ? "not in service" : NULL; /* what differs is not for strangers */
	facts.storage_good = store_is_writable(flow->store, &reason);
	return facts;
}

void relay_note_superior(struct authority *authority, const char *trouble)
{
	const char *label = authority->conf->label;

	if (!reach_note(authority->shared->reach, trouble))
		return;
	if (trouble)
		log_warning(LOG_FIELDS(log_event(LOG_EVENT_SUPERIOR_AWAY),
				       log_text("SERVER", label), log_text("REASON", trouble)),
			    "the superior CA is not reached: %s", trouble);
	else
		log_notice(
			LOG_FIELDS(log_event(LOG_EVENT_SUPERIOR_BACK), log_text("SERVER", label)),
			"the superior CA is reached again");
}

/* Nobody answered, or it can't be asked so. */
static int answer_unreached(struct authority *authority, int outcome, const char *reason,
			    struct scep_result *ret)
{
	if (outcome == FLOW_REFUSED)
		relay_note_superior(authority, reason);
	return scep_result_say(ret, STATUS_LATER,
			       "the CA's server is not reached: come back later");
}

static bool is_refusal(unsigned status)
{
	return status >= 400 && status <= 599;
}

/* Some call a SCEP message something else; a page of a portal on the way is none, whatever it is
 * called. */
static bool is_message(const struct trustpoint_answer *answer)
{
	return answer->body.size && answer->body.data[0] == DER_SEQUENCE;
}

static int pass_back(const struct trustpoint_turn *turn, struct trustpoint_answer *answer,
		     struct scep_result *ret)
{
	if (answer->body.size > SCEP_ANSWER_MOST)
		return scep_result_say(ret, STATUS_BAD_ANSWER,
				       "the CA's server answered more than is passed on");
	if (!is_refusal(answer->status) && (answer->status != STATUS_OK || !is_message(answer)))
		return scep_result_say(ret, STATUS_BAD_ANSWER,
				       "the CA's server answered with what is no SCEP message");
	ret->status = answer->status;
	if (turn->hold_until_s > turn->now_s)
		ret->retry_after_s = (unsigned)(turn->hold_until_s - turn->now_s);
	ret->body = TAKE_STRUCT(answer->body);
	return 0;
}

/* RFC 8894 §4.1: POST is what every server of today takes. */
static void assume_capabilities(struct trustpoint_turn *turn)
{
	if (!turn->state.record.capabilities_s)
		turn->state.record.capabilities = SCEP_CAN_POST;
}

static int ask(struct flow *flow, struct authority *authority, const struct scep_call *call,
	       int64_t now_s, struct scep_result *ret)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	_cleanup_(freep) char *reason = NULL;
	int r;

	r = trustpoint_turn_look(flow, authority->conf->label, now_s, &turn);
	if (r < 0)
		return r;
	turn.timeout_s = RELAY_TIMEOUT_S;
	assume_capabilities(&turn);
	r = trustpoint_ask(&turn, "PKIOperation", call->message, &answer, &reason);
	if (r < 0)
		return r;
	if (r && !answer.status)
		return answer_unreached(authority, r, reason, ret);
	relay_note_superior(authority, NULL);
	return pass_back(&turn, &answer, ret);
}

static void log_relayed(const struct scep_call *call, const struct scep_result *result,
			const char *reason)
{
	log_info(LOG_FIELDS(log_span("SERVER", call->server), log_span("PEER", call->peer),
			    log_number("STATUS", result->status), log_text("REASON", reason)),
		 *reason ? "SCEP message not passed on: %s" : "SCEP message passed on%s", reason);
}

static int act(struct flow *flow, struct authority *authority, const struct scep_call *call,
	       const struct ca_relay_facts *facts, int64_t now_s, struct scep_result *ret)
{
	const char *reason;
	enum ca_relay verdict = ca_relay_judge(facts, now_s, &reason);
	int r;

	if (verdict == CA_RELAY_GOES_ON)
		r = ask(flow, authority, call, now_s, ret);
	else
		r = scep_result_say(
			ret, verdict == CA_RELAY_REFUSED ? STATUS_REFUSED : STATUS_LATER, reason);
	if (r >= 0)
		log_relayed(call, ret, reason);
	return r;
}

int flow_relay(struct flow *flow, const struct scep_call *call, int64_t waited_ms, int64_t now_s,
	       struct scep_result *ret)
{
	struct authority *authority = flow_find_authority(flow, call->server);
	bool is_transparent = authority && conf_server_is_transparent(authority->conf);
	struct ca_server_facts server;
	struct ca_relay_facts facts = {.waited = waited_ms > RELAY_WAIT_MS};
	struct flight flight;
	int r;

	if (!authority)
		return scep_result_say(ret, 404, "no such server");
	if (is_transparent)
		server = facts_of(flow, authority);
	facts.server = is_transparent ? &server : NULL;
	facts.grants = authority->conf->grant != CONF_GRANT_NONE;
	facts.under_way = !reach_depart(authority->shared->reach, &flight, call->message);
	r = act(flow, authority, call, &facts, now_s, ret);
	if (!facts.under_way)
		reach_arrive(authority->shared->reach, &flight);
	return r;
}
