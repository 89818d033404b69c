/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/waiting.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/enroll/hand.h"
#include "daemon/flow/succession/authority-standing.h"
#include <string.h>

#define PAGE_SIZE 64

static bool is_token_away(const struct scep_turn *turn, const struct generation *issuer)
{
	char reason[AUTHORITY_TOKEN_REASON_SIZE];

	return !authority_token_is_ready(turn->flow, issuer->record->token, reason);
}

bool waiting_is_due(const struct scep_turn *turn)
{
	return conf_server_is_ca(turn->authority->conf) && turn->opener && turn->opener->record &&
	       is_token_away(turn, turn->addressed);
}

int waiting_record(const struct scep_turn *turn, struct ca_request_record *record,
		   const struct record_place *place, int64_t password_id,
		   const struct verdict *verdict)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = turn->authority->conf->label,
		.now_s = turn->now_s,
		.request = record,
		.request_range = place->range,
		.expected_newest = place->expected_newest,
		.superseded = place->superseded,
		.password_used = password_id,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	record->password_id = password_id;
	r = audit_of_request(record, verdict, record->peer, &event);
	if (r < 0)
		return r;
	r = store_commit(turn->flow->store, &change);
	if (!r) {
		flow_changed(turn->flow);
		flow_waits(turn->flow);
	}
	return r == STORE_CHANGED ? ISSUE_CHANGED : r;
}

static int deny(const struct scep_turn *turn, struct ca_request_record *request,
		const struct verdict *verdict, struct scep_outcome *ret)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.server = turn->authority->conf->label,
				      .now_s = turn->now_s,
				      .request = request,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	scep_outcome_fail(ret, (enum scep_fail_info)verdict->fail_info, verdict->reason);
	record_step(request, CA_REQUEST_EVENT_DENY, verdict);
	request->updated_s = turn->now_s;
	r = audit_of_request(request, verdict, request->peer, &event);
	if (r >= 0)
		r = store_commit(turn->flow->store, &change);
	return r == STORE_CHANGED ? ISSUE_CHANGED : r;
}

static int issue(const struct scep_turn *turn, struct ca_request_record *request,
		 const struct generation *issuer, const struct verdict *verdict,
		 struct scep_outcome *ret)
{
	struct issue_order order = {
		.verdict = verdict,
		.authority = turn->authority,
		.issuer = issuer,
		.request = request,
		.actor = request->peer,
		.now_s = turn->now_s,
	};
	struct verdict lint;
	int r;

	r = flow_issue(turn->flow, &order, &ret->certificate, &lint);
	if (r == ISSUE_LINT)
		return deny(turn, request, &lint, ret);
	if (!r)
		ret->status = SCEP_SUCCESS;
	return r == ISSUE_LATER ? 0 : r;
}

int waiting_resume(const struct scep_turn *turn, struct ca_request_record *request,
		   struct scep_outcome *ret)
{
	const struct hand hand = {.flow = turn->flow,
				  .authority = turn->authority,
				  .actor = request->peer,
				  .now_s = turn->now_s};
	const struct generation *issuer =
		generations_issuer(turn->generations, request->generation, turn->now_s);
	struct verdict verdict;
	int r;

	ret->status = SCEP_PENDING;
	if (request->state != CA_REQUEST_AUTHORIZED || !conf_server_is_ca(turn->authority->conf) ||
	    !issuer || is_token_away(turn, issuer))
		return 0;
	/* Its key or its signer may have been revoked since. */
	r = hand_judge(&hand, request, issuer, &verdict);
	if (r < 0)
		return r;
	return verdict.decision == VERDICT_ISSUE ? issue(turn, request, issuer, &verdict, ret)
						 : deny(turn, request, &verdict, ret);
}

/* Its client may be asking at this moment: then it is that one's. */
static bool go_on(const struct scep_turn *turn, int64_t id)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(ca_request_record_done) struct ca_request_record seen = {}, request = {};
	_cleanup_(scep_outcome_done) struct scep_outcome outcome = {};
	const char *label = turn->authority->conf->label;
	int r = store_request_load(turn->flow->store, label, id, &seen);

	if (!r)
		claim = claim_try_transaction(turn->flow->claims, span_of(seen.transaction_id),
					      seen.requester);
	if (!claim)
		return false;
	r = store_request_load(turn->flow->store, label, id, &request);
	if (!r)
		r = waiting_resume(turn, &request, &outcome);
	if (r < 0)
		log_error(LOG_FIELDS(log_text("SERVER", label), log_number("REQUEST", id),
				     log_number("ERRNO", -r)),
			  "a certificate that waited for the CA's token could not be issued: %s",
			  strerror(-r));
	return !r && request.state != CA_REQUEST_AUTHORIZED;
}

/* A page of what is authorised, newest first. */
struct page {
	const struct scep_turn *turn;
	const char *token;
	int64_t ids[PAGE_SIZE]; /* of those whose issuer's key is on the token */
	unsigned n, n_seen;
	int64_t last_id;
};

static int collect(void *context, const struct ca_request_record *request)
{
	struct page *page = context;
	const struct generation *issuer =
		generations_issuer(page->turn->generations, request->generation, page->turn->now_s);

	page->n_seen++;
	page->last_id = request->id;
	if (issuer && !strcmp(issuer->record->token, page->token))
		page->ids[page->n++] = request->id;
	return 0;
}

/* How many were decided; *ret_before moves on, to 0 at the end. */
static unsigned go_on_with_page(const struct scep_turn *turn, const char *token,
				int64_t *ret_before, unsigned most)
{
	const struct store_request_filter filter = {
		.state = CA_REQUEST_AUTHORIZED, .before_id = *ret_before, .limit = PAGE_SIZE};
	struct page page = {.turn = turn, .token = token};
	unsigned n_done = 0;
	int r = store_request_list(turn->flow->store, turn->authority->conf->label, &filter,
				   collect, &page);

	for (unsigned i = 0; r >= 0 && i < page.n && n_done < most; i++)
		n_done += go_on(turn, page.ids[i]);
	*ret_before = r < 0 || page.n_seen < PAGE_SIZE ? 0 : page.last_id;
	return n_done;
}

unsigned waiting_go_on(struct flow *flow, struct authority *authority, const char *token,
		       int64_t now_s, unsigned most)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct hand hand = {.flow = flow, .authority = authority, .now_s = now_s};
	const struct scep_turn turn = {
		.flow = flow, .authority = authority, .generations = generations, .now_s = now_s};
	_cleanup_(freep) char *reason = NULL;
	unsigned n = 0, n_done = 0;
	int64_t before = 0;

	if (!conf_server_is_ca(authority->conf) ||
	    store_request_count_authorized(flow->store, authority->conf->label, &n) < 0 || !n ||
	    hand_check_open(&hand, &reason))
		return 0;
	do {
		n_done += go_on_with_page(&turn, token, &before, most - n_done);
	} while (before && n_done < most);
	return n_done;
}
