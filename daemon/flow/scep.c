/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/scep.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/allowance.h"
#include "daemon/flow/answer.h"
#include "daemon/flow/enroll.h"
#include "daemon/flow/lookup.h"
#include "daemon/scep/peek.h"
#include "daemon/x509/name.h"
#include <stdlib.h>

#define RETRY_AFTER_S 10

/* The closed set of message types: what is not here is refused. */
static const struct handler {
	enum scep_message_type type;
	int (*check)(const struct scep_turn *turn); /* before it is opened; NULL: nothing to ask */
	int (*handle)(const struct scep_turn *turn, struct scep_outcome *ret);
} handlers[] = {
	{SCEP_PKCS_REQ, flow_enroll_check, flow_enroll},
	{SCEP_RENEWAL_REQ, flow_enroll_check, flow_enroll},
	{SCEP_CERT_POLL, NULL, flow_cert_poll},
	{SCEP_GET_CERT, NULL, flow_get_cert},
	{SCEP_GET_CRL, NULL, flow_get_crl},
};

void scep_result_done(struct scep_result *result)
{
	bytes_done(&result->body);
	*result = (struct scep_result){};
}

/* An answer without a CertRep: a status and a line of text. */
static int answer_plainly(struct scep_result *ret, unsigned status, const char *text)
{
	struct buffer line = {};

	ret->status = status;
	ret->retry_after_s = status == 503 ? RETRY_AFTER_S : 0;
	buffer_printf(&line, "%s\n", text);
	return buffer_take(&line, &ret->body);
}

/* The generation whose exchange certificate the envelope names, and how its content key is wrapped
 * for it. */
static const struct scep_recipient *find_recipient(struct scep_turn *turn)
{
	for (size_t i = 0; i < turn->generations->n; i++) {
		const struct generation *generation = &turn->generations->items[i];
		const struct scep_recipient *recipient = scep_request_find_recipient(
			turn->request, generation->exchange_certificate);

		if (recipient) {
			turn->addressed = generation;
			return recipient;
		}
	}
	return NULL;
}

/* 0 with the content read or *trouble set, FLOW_LATER, -errno. */
static int open_content(struct scep_turn *turn, struct scep_content *content,
			enum scep_trouble *trouble)
{
	_cleanup_(secret_done) struct secret content_key = {};
	const struct scep_recipient *recipient = find_recipient(turn);
	int r;

	if (!recipient || !recipient->rsa_pkcs1) {
		*trouble = recipient ? SCEP_TROUBLE_KEY_TRANSPORT : SCEP_TROUBLE_RECIPIENT;
		return 0;
	}
	if (!turn->addressed->exchange_key)
		return FLOW_LATER;
	r = key_unwrap(turn->addressed->exchange_key, recipient->encrypted_key,
		       cipher_key_size(turn->request->cipher), &content_key);
	if (r)
		return r == KEY_LATER ? FLOW_LATER : r < 0 ? r : -EKEYREJECTED;
	turn->content = content;
	return scep_request_read_content(turn->request, span_of_secret(content_key), content,
					 trouble);
}

static const struct handler *find_handler(enum scep_message_type type)
{
	for (size_t i = 0; i < ELEMENTS(handlers); i++)
		if (handlers[i].type == type)
			return &handlers[i];
	return NULL;
}

/* What needs no token is asked before one is. */
static int check(const struct scep_turn *turn)
{
	const struct handler *handler = find_handler(turn->request->type);

	return handler && handler->check ? handler->check(turn) : 0;
}

static int handle(const struct scep_turn *turn, struct scep_outcome *ret)
{
	const struct handler *handler = find_handler(turn->request->type);

	if (handler)
		return handler->handle(turn, ret);
	scep_outcome_fail(ret, scep_trouble_fail_info(SCEP_TROUBLE_MESSAGE_TYPE),
			  scep_trouble_text(SCEP_TROUBLE_MESSAGE_TYPE));
	return 0;
}

/* What an envelope must bring can't be brought to a key that only signs. */
static void check_answerable(const struct scep_turn *turn, struct scep_outcome *outcome)
{
	if (outcome->status == SCEP_SUCCESS && !scep_request_can_be_answered(turn->request))
		scep_outcome_fail(outcome, SCEP_BAD_REQUEST,
				  "the signer's certificate is not for keyEncipherment: no "
				  "answer can be enveloped to it");
}

/* Of the CSR, or as a poll names it; empty where nothing was opened. */
static void append_subject(const struct scep_turn *turn, struct buffer *out)
{
	struct span subject = {};

	if (turn->content)
		subject = turn->content->request.subject.size ? turn->content->request.subject
							      : turn->content->subject;
	if (subject.size)
		x509_name_append_text(out, subject);
}

static void log_turn(const struct scep_turn *turn, const struct scep_outcome *outcome,
		     enum scep_trouble trouble)
{
	_cleanup_(buffer_done) struct buffer subject = {};
	static const char *const statuses[] = {
		[SCEP_SUCCESS] = "SUCCESS", [SCEP_FAILURE] = "FAILURE", [SCEP_PENDING] = "PENDING"};
	const char *reason = trouble ? scep_trouble_name(trouble) : outcome->fail_text;

	append_subject(turn, &subject);
	log_info(LOG_FIELDS(log_text("SERVER", turn->authority->conf->label),
			    log_span("PEER", turn->peer),
			    log_span("TRANSACTION", turn->request->transaction_id),
			    log_span("SUBJECT", span_of_buffer(&subject)),
			    log_text("TYPE", scep_message_type_name(turn->request->type)),
			    log_text("STATUS", statuses[outcome->status]),
			    log_text("FAILINFO", outcome->status == SCEP_FAILURE
							 ? scep_fail_info_name(outcome->fail_info)
							 : ""),
			    log_text("REASON", reason ? reason : "")),
		 "SCEP message answered");
}

/* From a readable transaction to its CertRep. */
static int answer_signed(struct scep_turn *turn, struct scep_content *content,
			 enum scep_trouble trouble, struct scep_result *ret)
{
	_cleanup_(scep_outcome_done) struct scep_outcome outcome = {};
	int r = 0;

	if (!trouble)
		r = check(turn);
	if (!trouble && !r)
		r = open_content(turn, content, &trouble);
	if (r)
		return r;
	if (trouble)
		scep_outcome_fail(&outcome, scep_trouble_fail_info(trouble),
				  scep_trouble_text(trouble));
	else
		r = handle(turn, &outcome);
	if (r)
		return r;
	if (outcome.busy)
		return answer_plainly(ret, 503,
				      "too many requests wait for an operator: come back later");
	check_answerable(turn, &outcome);
	log_turn(turn, &outcome, trouble);
	ret->status = 200;
	return flow_answer(turn, &outcome, &ret->body);
}

/* Whether the server may answer at all: enabled, with good time and an active generation. */
static const char *closed_because(struct flow *flow, struct authority *authority,
				  struct scep_turn *turn)
{
	struct ca_server_facts facts = {.token_ready = true}; /* asked of the token itself, later */
	const char *reason = "";

	turn->generations = authority_generations(authority);
	turn->active = generations_active(turn->generations, turn->now_s);
	facts.created = turn->generations->created;
	facts.wanted = turn->generations->enabled;
	facts.generations = turn->generations->records;
	facts.n_generations = turn->generations->n;
	facts.key_missing = turn->active && !turn->active->key;
	facts.time_good = time_source_is_good(&flow->time);
	facts.storage_good = store_is_writable(flow->store, &reason);
	if (ca_server_may_issue(&facts, turn->now_s, &reason))
		return NULL;
	return *reason ? reason : "the server is not created";
}

int flow_scep(struct flow *flow, const struct scep_call *call, int64_t now_s,
	      struct scep_result *ret)
{
	_cleanup_(scep_request_done) struct scep_request request = {};
	_cleanup_(scep_content_done) struct scep_content content = {};
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	struct authority *authority = flow_find_authority(flow, call->server);
	struct scep_turn turn = {.flow = flow,
				 .authority = authority,
				 .request = &request,
				 .peer = call->peer,
				 .now_s = now_s};
	struct scep_allowance allowance;
	enum scep_trouble trouble;
	const char *closed;
	int r;

	if (!authority)
		return answer_plainly(ret, 404, "no such server");
	closed = closed_because(flow, authority, &turn);
	generations = turn.generations;
	if (closed)
		return answer_plainly(ret, 503, closed);
	allowance = allowance_of(authority->conf);
	r = scep_request_open(call->message, &allowance, &request, &trouble);
	if (r == SCEP_UNREADABLE)
		return answer_plainly(ret, 400,
				      "no SCEP message: transactionID and senderNonce can't be "
				      "read (RFC 8894 §3.2.1)");
	if (r < 0)
		return r;
	return answer_signed(&turn, &content, trouble, ret);
}

bool flow_scep_is_known_peer(struct flow *flow, const struct scep_call *call)
{
	struct authority *authority = flow_find_authority(flow, call->server);

	return authority && span_equal(scep_peek_issuer(call->message), span_of(authority->name));
}
