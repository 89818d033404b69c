/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/scep.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/ca/rollover.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/allowance.h"
#include "daemon/flow/enroll/addressee.h"
#include "daemon/flow/enroll/answer.h"
#include "daemon/flow/enroll/enroll.h"
#include "daemon/flow/enroll/lookup.h"
#include "daemon/flow/succession/change-over.h"
#include "daemon/scep/peek.h"
#include "daemon/x509/name.h"
#include <stdlib.h>
#include <string.h>

#define RETRY_AFTER_S 10 /* with 503 */

/* The closed set of message types: what is not here is refused. */
static const struct handler {
	enum scep_message_type type;
	int (*check)(const struct scep_turn *turn); /* before it is opened; NULL: nothing to ask */
	int (*handle)(const struct scep_turn *turn, struct scep_outcome *ret);
	bool parks; /* it waits, recorded, for a token that is away longer than HoldFor= */
} handlers[] = {
	{SCEP_PKCS_REQ, flow_enroll_check, flow_enroll, true},
	{SCEP_RENEWAL_REQ, flow_enroll_check, flow_enroll, true},
	{SCEP_CERT_POLL, NULL, flow_cert_poll, false},
	{SCEP_GET_CERT, NULL, flow_get_cert, false},
	{SCEP_GET_CRL, NULL, flow_get_crl, false},
};

void scep_result_done(struct scep_result *result)
{
	bytes_done(&result->body);
	free(result->awaits);
	*result = (struct scep_result){};
}

int scep_result_say(struct scep_result *ret, unsigned status, const char *text)
{
	struct buffer line = {};

	ret->status = status;
	ret->retry_after_s = status == 503 ? RETRY_AFTER_S : 0;
	buffer_printf(&line, "%s\n", text);
	return buffer_take(&line, &ret->body);
}

/* Where an exchange key is wanted and not made yet, the CA's own opens nothing any more. */
static bool may_open(const struct scep_turn *turn)
{
	return turn->opener->key &&
	       (turn->opener->record || !conf_server_has_exchange(turn->authority->conf));
}

/* 0 with the content read or *trouble set, FLOW_LATER, FLOW_RELAY, -errno. */
static int open_content(struct scep_turn *turn, struct scep_content *content,
			enum scep_trouble *trouble)
{
	_cleanup_(secret_done) struct secret content_key = {};
	const struct scep_recipient *recipient;
	int r;

	*trouble = addressee_find(turn, &recipient);
	if (*trouble == SCEP_TROUBLE_RECIPIENT && addressee_is_superior(turn))
		return FLOW_RELAY;
	if (*trouble)
		return 0;
	turn->awaits = turn->opener->token;
	if (!may_open(turn))
		return FLOW_LATER;
	r = key_unwrap(turn->opener->key, recipient->encrypted_key,
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

static int handle(struct scep_turn *turn, struct scep_outcome *ret)
{
	const struct handler *handler = find_handler(turn->request->type);
	int r;

	if (handler) {
		turn->awaits = turn->addressed->record->token;
		r = handler->handle(turn, ret);
		if (ret->in_hand)
			turn->awaits = NULL;
		return r;
	}
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

/* The digests by which the router's owner knows his request; empty where there is none. */
static struct span csr_digest(const struct scep_turn *turn, enum digest digest,
			      uint8_t storage[static DIGEST_SIZE_MAX])
{
	if (!turn->content || !turn->content->request.whole.size)
		return (struct span){};
	return SPAN(storage, digest_compute(digest, turn->content->request.whole, storage));
}

static void log_turn(const struct scep_turn *turn, const struct scep_outcome *outcome,
		     enum scep_trouble trouble)
{
	_cleanup_(buffer_done) struct buffer subject = {};
	uint8_t md5[DIGEST_SIZE_MAX], sha1[DIGEST_SIZE_MAX];
	char md5_text[129], sha1_text[129];
	static const char *const statuses[] = {
		[SCEP_SUCCESS] = "SUCCESS", [SCEP_FAILURE] = "FAILURE", [SCEP_PENDING] = "PENDING"};
	const char *reason = trouble ? scep_trouble_name(trouble) : outcome->fail_text;

	append_subject(turn, &subject);
	log_info(LOG_FIELDS(log_text("SERVER", turn->authority->conf->label),
			    log_span("PEER", turn->peer),
			    log_span("TRANSACTION", turn->request->transaction_id),
			    log_span("SUBJECT", span_of_buffer(&subject)),
			    log_hex("CSR_MD5", csr_digest(turn, DIGEST_MD5, md5), md5_text),
			    log_hex("CSR_SHA1", csr_digest(turn, DIGEST_SHA1, sha1), sha1_text),
			    log_text("TYPE", scep_message_type_name(turn->request->type)),
			    log_text("STATUS", statuses[outcome->status]),
			    log_text("FAILINFO", outcome->status == SCEP_FAILURE
							 ? scep_fail_info_name(outcome->fail_info)
							 : ""),
			    log_text("REASON", reason ? reason : "")),
		 "SCEP message answered");
}

static const struct exchange *speaker_of(const struct scep_turn *turn,
					 const struct generation *generation)
{
	return generations_exchange(turn->generations, turn->authority->conf, generation,
				    turn->now_s);
}

/* Asked of another token than the active one's alone, which a whole fleet may have lost: patience
 * with it would keep all others waiting. */
static bool is_within_reach(const struct scep_turn *turn, const struct generation *generation)
{
	const char *name = speaker_of(turn, generation)->token;
	struct token_link *token = flow_find_token(turn->flow, name);
	struct token_facts facts;

	if (!strcmp(name, speaker_of(turn, turn->active)->token))
		return true;
	return token && !token_link_status(token, &facts) && facts.state == TOKEN_READY;
}

/* The key of one that was succeeded may be gone and its token lost: the active one speaks then, as
 * it does to anybody who names nobody. 0, FLOW_LATER, -errno. */
static int answer(struct scep_turn *turn, struct scep_outcome *outcome, struct bytes *ret)
{
	turn->awaits = speaker_of(turn, turn->active)->token;
	if (turn->signer == turn->active)
		return flow_answer(turn, outcome, ret);
	if (is_within_reach(turn, turn->signer) && !flow_answer(turn, outcome, ret))
		return 0;
	turn->signer = turn->active;
	scep_outcome_fail(outcome, scep_trouble_fail_info(SCEP_TROUBLE_RECIPIENT),
			  scep_trouble_text(SCEP_TROUBLE_RECIPIENT));
	return flow_answer(turn, outcome, ret);
}

/*
 * Who is told to fetch the CA's certificate must not be given the old one again: the first message
 * after the change-over may be quicker than what was planned for that second. Where that is being
 * done, this waits for it; what fails is tried again by its plan.
 */
static void settle_change_over(const struct scep_turn *turn)
{
	const struct ca_generation_record *active = turn->active->record;

	if (!ca_rollover_is_settling(active, turn->now_s))
		return;
	if (flow_change_over(turn->flow, turn->authority, active->number, turn->now_s))
		log_debug(LOG_FIELDS(log_text("SERVER", turn->authority->conf->label)),
			  "the change-over is not published yet");
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
	if (trouble == SCEP_TROUBLE_SUCCEEDED)
		settle_change_over(turn);
	if (trouble)
		scep_outcome_fail(&outcome, scep_trouble_fail_info(trouble),
				  scep_trouble_text(trouble));
	else
		r = handle(turn, &outcome);
	if (r)
		return r;
	if (outcome.busy)
		return scep_result_say(
			ret, 503,
			outcome.fail_text
				? outcome.fail_text
				: "too many requests wait for an operator: come back later");
	check_answerable(turn, &outcome);
	ret->status = 200;
	r = answer(turn, &outcome, &ret->body);
	if (!r && ret->body.size > SCEP_ANSWER_MOST)
		return -EMSGSIZE;
	if (!r)
		log_turn(turn, &outcome, trouble);
	return r;
}

/* Whether the server may answer at all: enabled, with good time and an active generation. */
static const char *closed_because(struct flow *flow, struct authority *authority,
				  struct scep_turn *turn)
{
	struct ca_server_facts facts = {.token_ready = true}; /* asked of the token itself, later */
	char failure[FAILURES_TEXT_SIZE]; /* not for strangers: what it says of the disk */
	char breach[AUTHORITY_BREACH_SIZE];
	const char *reason = "";

	turn->generations = authority_generations(authority);
	turn->active = turn->signer = generations_active(turn->generations, turn->now_s);
	facts.created = turn->generations->created;
	facts.wanted = turn->generations->enabled;
	facts.generations = turn->generations->records;
	facts.n_generations = turn->generations->n;
	facts.key_missing =
		turn->active && generations_key_is_missing(turn->generations, authority->conf,
							   turn->active, turn->now_s);
	facts.enrolls = conf_server_enrolls(authority->conf);
	facts.uncertified =
		turn->active && generations_is_uncertified(turn->generations, authority->conf,
							   turn->active, turn->now_s);
	facts.requires_backup = authority->conf->require_backup;
	facts.time_good = time_source_is_good(&flow->time);
	facts.storage_good = store_is_writable(flow->store, &reason);
	facts.failed = failures_tell(authority->shared->failures, failure);
	authority_breach_tell(authority, turn->generations, breach);
	facts.breach = *breach ? "not in service" : NULL; /* what differs is not for strangers */
	if (ca_server_may_issue(&facts, turn->now_s, &reason))
		return NULL;
	return *reason ? reason : "the server is not created";
}

/* Only what was verified, and is enveloped to a key of ours, is worth a place in the database. */
static int note_awaited(const struct scep_turn *turn, struct scep_result *ret)
{
	const struct handler *handler = find_handler(turn->request->type);

	if (!turn->opener || !handler || !handler->parks || !turn->awaits || !*turn->awaits)
		return FLOW_LATER;
	ret->awaits = strdup(turn->awaits);
	return ret->awaits ? FLOW_LATER : -ENOMEM;
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
		return scep_result_say(ret, 404, "no such server");
	closed = closed_because(flow, authority, &turn);
	generations = turn.generations;
	if (closed)
		return scep_result_say(ret, 503, closed);
	allowance = allowance_of(authority->conf);
	r = scep_request_open(call->message, &allowance, &request, &trouble);
	if (r == SCEP_UNREADABLE)
		return scep_result_say(ret, 400,
				       "no SCEP message: transactionID and senderNonce can't be "
				       "read (RFC 8894 §3.2.1)");
	if (r < 0)
		return r;
	r = answer_signed(&turn, &content, trouble, ret);
	return r == FLOW_LATER ? note_awaited(&turn, ret) : r;
}

/* What an RA's CA issued, it did not. */
static bool is_of_a_generation(const struct authority *authority, struct span issuer)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);

	for (size_t i = 0; i < generations->n; i++)
		if (span_equal(generations->items[i].certificate.subject, issuer))
			return true;
	return false;
}

bool flow_scep_is_known_peer(struct flow *flow, const struct scep_call *call)
{
	struct authority *authority = flow_find_authority(flow, call->server);

	if (!authority)
		return false;
	if (conf_server_is_ra(authority->conf))
		return is_of_a_generation(authority, scep_peek_issuer(call->message));
	return !authority_lacks_name(authority) &&
	       span_equal(scep_peek_issuer(call->message), span_of(authority->name));
}
