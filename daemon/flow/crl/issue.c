/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/crl/issue.h"
#include "daemon/base/crash.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/signing.h"
#include "daemon/x509/build.h"
#include <inttypes.h>
#include <stdio.h>

void crl_issue_done(struct crl_issue *issue)
{
	ca_server_record_done(&issue->record);
	generations_unref(issue->generations);
	claim_releasep(&issue->claim);
}

static int look_again(struct crl_issue *issue)
{
	int r;

	ca_server_record_done(&issue->record);
	r = store_server_load(issue->flow->store, issue->authority->conf->label, &issue->record);
	return r > 0 ? -ENOENT : r;
}

int crl_issue_begin(struct crl_issue *issue)
{
	const char *label = issue->authority->conf->label;

	issue->claim = claim_take(issue->flow->claims, CLAIM_SERVER, span_of_text(label));
	issue->generations = authority_generations(issue->authority);
	issue->active = generations_active(issue->generations, issue->now_s);
	return issue->active ? look_again(issue) : FLOW_REFUSED;
}

/* Entries go from the database's row into the CRL, and are kept nowhere between. */
struct listing {
	const struct crl_issue *issue;
	const struct ca_crl_times *times;
	int64_t previous_s; /* thisUpdate of the one that it follows */
	struct x509_crl_sink *sink;
};

static int put_revoked(void *context, const struct ca_certificate_record *revoked)
{
	const struct listing *listing = context;
	int64_t latest_s = listing->times->this_update_s;
	const struct x509_crl_entry entry = {
		.serial = span_of(revoked->serial),
		/* Revoked a moment ago, or while the clock was ahead. */
		.revoked_s = revoked->revoked_s < latest_s ? revoked->revoked_s : latest_s,
		.reason = revoked->revocation_reason,
	};

	return x509_crl_put(listing->sink, &entry);
}

static int list_revoked(void *context, struct x509_crl_sink *sink)
{
	struct listing *listing = context;
	const struct crl_issue *issue = listing->issue;

	listing->sink = sink;
	/* Those of a series keep what the first of them lists: one may never be published, and an
	 * entry must have been on a CRL after its certificate's end (RFC 5280 §3.3). */
	return store_revoked_list_all(issue->flow->store, issue->authority->conf->label,
				      listing->previous_s, put_revoked, listing);
}

/* The one that the brain names; NULL where the set that is loaded has it no more. */
static const struct generation *signer_of(const struct crl_issue *issue,
					  const struct ca_crl_times *times)
{
	for (size_t i = 0; i < issue->generations->n; i++)
		if (issue->generations->items[i].record->number == times->generation)
			return &issue->generations->items[i];
	return NULL;
}

static int build(const struct crl_issue *issue, const struct generation *signer,
		 const struct ca_crl_times *times, const struct store_change *change,
		 struct bytes *ret)
{
	struct listing listing = {
		.issue = issue,
		.times = times,
		.previous_s = change->crl_is_own
				      ? ca_crl_own_previous_s(signer->record, issue->now_s)
				      : ca_crl_previous_s(&issue->record, issue->now_s),
	};
	uint8_t issuer_key[20];
	const struct x509_crl_content content = {
		.issuer = signer->certificate.subject,
		.this_update_s = times->this_update_s,
		.next_update_s = times->next_update_s,
		.authority_key_identifier = SPAN_ARRAY(issuer_key),
		.number = change->crl_number,
		.digest = issue->authority->conf->hash,
		.list = list_revoked,
		.context = &listing,
	};

	x509_key_identifier(&signer->certificate.key, issuer_key);
	return x509_build_crl(&content, ret);
}

int crl_issue_commit(const struct crl_issue *issue, enum audit_type type,
		     struct store_change *change, uint64_t number, const struct generation *signer)
{
	_cleanup_(audit_done) struct audit_event event = {};
	char note[64];
	int r;

	if (signer && signer != issue->active)
		(void)snprintf(note, sizeof(note), "%" PRIu64 " of generation %u", number,
			       signer->record->number);
	else
		(void)snprintf(note, sizeof(note), "%" PRIu64, number);
	r = audit_of_act(type, issue->actor, change->server, note, &event);
	if (r < 0)
		return r;
	change->audit = &event.row;
	change->n_audit = 1;
	r = store_commit(issue->flow->store, change);
	return r > 0 ? -EBUSY : r;
}

static void tell_signed(const struct store_change *change, const struct generation *signer)
{
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_CRL_SIGNED), log_text("SERVER", change->server),
			      log_number("NUMBER", (int64_t)change->crl_number),
			      log_number("GENERATION", signer->record->number)),
		   change->crl_is_ahead ? "CRL signed ahead"
		   : change->crl_is_own ? "own CRL of a displaced generation signed"
					: "CRL signed");
}

int crl_issue_sign(struct crl_issue *issue, const struct ca_crl_times *times,
		   struct store_change *change)
{
	_cleanup_(bytes_done) struct bytes to_be_signed = {}, crl = {};
	const struct generation *signer = signer_of(issue, times);
	int r;

	if (!signer)
		return FLOW_LATER;
	change->server = issue->authority->conf->label;
	change->now_s = issue->now_s;
	change->crl_number = issue->record.crl_last_number + 1;
	change->crl_revision = issue->record.revocation_revision;
	change->crl_this_update_s = times->this_update_s;
	change->crl_next_update_s = times->next_update_s;
	r = build(issue, signer, times, change, &to_be_signed);
	if (!r)
		r = flow_sign_whole(issue->flow, signer->key, issue->authority->conf->hash,
				    span_of(to_be_signed), &crl);
	if (r)
		return r;
	crash_here(change->crl_is_ahead ? CRASH_CRL_AHEAD_SIGNED : CRASH_CRL_SIGNED);
	bytes_done(&to_be_signed);
	change->crl = span_of(crl);
	change->crl_generation = signer->record->id;
	r = crl_issue_commit(issue, change->crl_is_ahead ? AUDIT_CRL_AHEAD : AUDIT_CRL_ISSUE,
			     change, change->crl_number, signer);
	if (!r)
		tell_signed(change, signer);
	crash_here(change->crl_is_ahead ? CRASH_CRL_AHEAD_SAVED : CRASH_CRL_SAVED);
	return r ? r : look_again(issue);
}
