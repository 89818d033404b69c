/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/hand.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/ca/serial-text.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/crl.h"
#include "daemon/flow/facts.h"
#include "daemon/flow/issue.h"
#include "daemon/flow/record.h"
#include "daemon/x509/name.h"
#include "policy/password.h"
#include <stdlib.h>
#include <string.h>

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

/* Looks among the revoked certificates for the one that signed a request. */
struct signer_search {
	const struct generations *generations;
	const uint8_t *requester;
	bool found;
};

static int compare_signer(void *context, const struct ca_certificate_record *revoked)
{
	struct signer_search *search = context;
	uint8_t requester[SHA256_SIZE];

	for (size_t i = 0; i < search->generations->n && !search->found; i++) {
		int r = facts_requester(search->generations->items[i].certificate.subject,
					span_of(revoked->serial), requester);

		if (r < 0)
			return r;
		search->found = !memcmp(requester, search->requester, SHA256_SIZE);
	}
	return search->found;
}

/* It was in force when the request came; it may have been revoked since. */
static int check_signer(const struct hand *hand, const struct ca_request_record *request,
			struct grant_signer *ret)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(hand->authority);
	struct signer_search search = {.generations = generations, .requester = request->requester};
	int r;

	r = store_revoked_list(hand->flow->store, hand->authority->conf->label, 0, compare_signer,
			       &search);
	ret->ours = ret->revoked = search.found;
	return r;
}

/* What policy asks about a request that waits. */
static int decide_by_hand(const struct hand *hand, const struct ca_request_record *request,
			  struct verdict *ret)
{
	struct grant_facts facts = {.class = request->class,
				    .unique_keys = hand->authority->conf->unique_keys};
	struct profile_refusal refusal;
	struct store_key_history history;
	struct x509_request csr;
	int r;

	r = x509_request_read(span_of(request->csr), &csr);
	if (r < 0)
		return r;
	r = store_key_history(hand->flow->store, hand->authority->conf->label,
			      SPAN_ARRAY(request->key_sha256), span_of(request->subject),
			      hand->now_s, &history);
	if (r < 0)
		return r;
	facts.key_compromised = history.compromised;
	facts.key_shared = history.certified_for_another;
	r = check_signer(hand, request, &facts.signer);
	if (r < 0)
		return r;
	refusal = facts_judge_profile(hand->authority, &csr);
	*ret = refusal.rule ? verdict_refusal(VERDICT_BAD_REQUEST, refusal.rule, refusal.reason)
			    : grant_by_hand(&facts);
	return 0;
}

static int issue_by_hand(const struct hand *hand, struct ca_request_record *request,
			 const struct verdict *verdict)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(hand->authority);
	_cleanup_(bytes_done) struct bytes certificate = {};
	struct issue_order order = {
		.verdict = verdict,
		.authority = hand->authority,
		.issuer = generations_active(generations, hand->now_s),
		.request = request,
		.actor = hand->actor,
		.now_s = hand->now_s,
	};

	if (!order.issuer)
		return FLOW_LATER;
	record_step(request, CA_REQUEST_EVENT_AUTHORIZE, verdict);
	return flow_issue(hand->flow, &order, &certificate);
}

/* Whether the server may issue now; FLOW_REFUSED with the reason where not. */
static int check_open(const struct hand *hand, char **ret_reason)
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

int flow_grant_request(const struct hand *hand, int64_t id, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	struct verdict verdict;
	int r;

	r = check_open(hand, ret_reason);
	if (!r)
		r = load_claimed(hand, id, &request, &claim, ret_reason);
	if (!r)
		r = decide_by_hand(hand, &request, &verdict);
	if (r)
		return r;
	audit_alarm(&(struct audit_party){hand->authority->conf->label, span_of_text(request.peer),
					  span_of(request.transaction_id)},
		    &verdict);
	if (verdict.decision != VERDICT_ISSUE) {
		r = text_format(ret_reason, "request %lld: %s (%s)", (long long)id, verdict.reason,
				verdict.rule);
		return r < 0 ? r : FLOW_REFUSED;
	}
	r = issue_by_hand(hand, &request, &verdict);
	if (r == ISSUE_CHANGED)
		return refuse_changed(id, ret_reason);
	return r == ISSUE_LATER ? FLOW_LATER : r;
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

int flow_find_certificate(const struct hand *hand, const char *serial,
			  struct ca_certificate_record *ret)
{
	const char *label = hand->authority->conf->label;
	struct ca_serial_name name;
	int r;

	if (ca_serial_name_read(serial, &name) < 0)
		return HAND_NO_SERIAL;
	r = name.is_counter
		    ? store_certificate_find_counter(hand->flow->store, label, name.counter, ret)
		    : store_certificate_find(hand->flow->store, label,
					     SPAN(name.serial, name.serial_size), ret);
	return r > 0 ? HAND_NOT_FOUND : r;
}

static int commit_revocation(const struct hand *hand,
			     const struct ca_certificate_record *certificate, int reason)
{
	_cleanup_(audit_done) struct audit_event event = {};
	_cleanup_(freep) char *serial = NULL;
	_cleanup_(buffer_done) struct buffer text = {};
	struct store_change change = {
		.server = hand->authority->conf->label,
		.now_s = hand->now_s,
		.revoke_certificate = certificate->id,
		.revocation_reason = reason,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	text_append_hex(&text, span_of(certificate->serial), false);
	r = buffer_take_text(&text, &serial);
	if (r >= 0)
		r = audit_of_act("certificate.revoke", hand->actor, hand->authority->conf->label,
				 serial, &event);
	return r < 0 ? r : store_commit(hand->flow->store, &change);
}

int flow_revoke_certificate(const struct hand *hand, const char *serial, int reason,
			    char **ret_reason)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	char hex[129];
	int r;

	r = flow_find_certificate(hand, serial, &certificate);
	if (r)
		return r;
	if (!certificate.request_id) {
		r = text_format(ret_reason,
				"certificate %s is the CA's own: a CA does not revoke itself",
				serial);
		return r < 0 ? r : FLOW_REFUSED;
	}
	r = commit_revocation(hand, &certificate, reason);
	if (r > 0) {
		r = text_format(ret_reason, "certificate %s is revoked already", serial);
		return r < 0 ? r : FLOW_REFUSED;
	}
	if (r < 0)
		return r;
	log_notice(LOG_FIELDS(log_text("SERVER", hand->authority->conf->label),
			      log_hex("SERIAL", span_of(certificate.serial), hex)),
		   "certificate revoked");
	flow_changed(hand->flow); /* the planner signs the CRL at once */
	return 0;
}

int flow_generate_password(const struct hand *hand, unsigned minutes, const char *subject,
			   char *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes name = {};
	_cleanup_(audit_done) struct audit_event event = {};
	uint8_t random[PASSWORD_RANDOM_SIZE], mac[SHA256_SIZE];
	struct store_change change = {
		.server = hand->authority->conf->label,
		.now_s = hand->now_s,
		.password_mac = SPAN_ARRAY(mac),
		.password_expires_s = hand->now_s + (int64_t)minutes * 60,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	if (subject && x509_name_from_text(subject, &name, NULL) < 0) {
		r = text_format(ret_reason,
				"\"%s\" is no distinguished name: write it as CN=router1,O=Example",
				subject);
		return r < 0 ? r : FLOW_REFUSED;
	}
	change.password_subject = span_of(name);
	random_fill(random, sizeof(random));
	password_format(random, ret);
	wipe(random, sizeof(random));
	password_mac(store_password_key(hand->flow->store), span_of_text(ret), mac);
	r = audit_of_act("password.generate", hand->actor, hand->authority->conf->label, subject,
			 &event);
	if (r >= 0)
		r = store_commit(hand->flow->store, &change);
	if (r == STORE_NOT_FOUND) {
		r = text_format(ret_reason, "server %s is not created",
				hand->authority->conf->label);
		return r < 0 ? r : FLOW_REFUSED;
	}
	return r > 0 ? -EBUSY : r;
}
