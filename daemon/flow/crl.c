/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/crl.h"
#include "daemon/base/log.h"
#include "daemon/ca/crl.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/publish.h"
#include "daemon/flow/signing.h"
#include "daemon/x509/build.h"
#include <stdlib.h>

/* Revoked certificates as the database gave them, turned into entries one by one. */
struct revoked {
	struct ca_certificate_record *items;
	size_t n, capacity, next;
};

static void revoked_done(struct revoked *revoked)
{
	for (size_t i = 0; i < revoked->n; i++)
		ca_certificate_record_done(&revoked->items[i]);
	free(revoked->items);
}

static int revoked_add(void *context, const struct ca_certificate_record *record)
{
	struct revoked *revoked = context;
	struct ca_certificate_record *item;

	if (revoked->n == revoked->capacity) {
		size_t capacity = revoked->capacity ? revoked->capacity * 2 : 64;
		struct ca_certificate_record *items =
			reallocarray(revoked->items, capacity, sizeof(*items));

		if (!items)
			return -ENOMEM;
		revoked->items = items;
		revoked->capacity = capacity;
	}
	item = &revoked->items[revoked->n];
	*item = (struct ca_certificate_record){.revoked_s = record->revoked_s,
					       .revocation_reason = record->revocation_reason};
	if (bytes_copy(span_of(record->serial), &item->serial) < 0)
		return -ENOMEM;
	revoked->n++;
	return 0;
}

static int revoked_next(void *context, struct x509_crl_entry *ret)
{
	struct revoked *revoked = context;
	const struct ca_certificate_record *item;

	if (revoked->next == revoked->n)
		return 1;
	item = &revoked->items[revoked->next++];
	*ret = (struct x509_crl_entry){.serial = span_of(item->serial),
				       .revoked_s = item->revoked_s,
				       .reason = item->revocation_reason};
	return 0;
}

static int build(struct flow *flow, struct authority *authority, const struct generation *issuer,
		 struct store_change *change, struct bytes *ret)
{
	_cleanup_(revoked_done) struct revoked revoked = {};
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	uint8_t issuer_key[20];
	struct x509_crl_content content = {
		.issuer = issuer->certificate.subject,
		.this_update_s = change->now_s,
		.next_update_s = change->now_s + authority->conf->crl_lifetime_s,
		.authority_key_identifier = SPAN_ARRAY(issuer_key),
		.digest = authority->conf->hash,
		.next = revoked_next,
		.context = &revoked,
	};
	int r;

	r = store_server_load(flow->store, authority->conf->label, &record);
	if (r)
		return r < 0 ? r : -ENOENT;
	r = store_revoked_list(flow->store, authority->conf->label, record.crl_this_update_s,
			       revoked_add, &revoked);
	if (r < 0)
		return r;
	x509_key_identifier(&issuer->certificate.key, issuer_key);
	content.number = record.crl_number + 1;
	change->crl_number = content.number;
	change->crl_revision = record.revocation_revision;
	change->crl_this_update_s = content.this_update_s;
	change->crl_next_update_s = content.next_update_s;
	return x509_build_crl(&content, ret);
}

static int commit(struct flow *flow, struct store_change *change, const char *actor)
{
	_cleanup_(audit_done) struct audit_event event = {};
	int r;

	r = audit_of_act("crl.issue", actor, change->server, NULL, &event);
	if (r < 0)
		return r;
	change->audit = &event.row;
	change->n_audit = 1;
	r = store_commit(flow->store, change);
	return r > 0 ? -EBUSY : r;
}

/* The caller holds the claim: one number after the other. */
static int sign_claimed(struct flow *flow, struct authority *authority,
			const struct generation *active, const char *actor, int64_t now_s)
{
	struct store_change change = {.server = authority->conf->label, .now_s = now_s};
	_cleanup_(bytes_done) struct bytes to_be_signed = {}, crl = {};
	int r;

	r = build(flow, authority, active, &change, &to_be_signed);
	if (r < 0)
		return r;
	r = flow_sign_whole(flow, active->key, authority->conf->hash, span_of(to_be_signed), &crl);
	if (r)
		return r;
	change.crl = span_of(crl);
	r = commit(flow, &change, actor);
	if (r < 0)
		return r;
	log_notice(LOG_FIELDS(log_text("SERVER", authority->conf->label),
			      log_number("NUMBER", (int64_t)change.crl_number)),
		   "CRL signed");
	r = flow_publish(flow, authority, now_s);
	flow_changed(flow);
	return r;
}

int flow_sign_crl(struct flow *flow, struct authority *authority, const char *actor, int64_t now_s)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	const struct generation *active;

	claim = claim_take(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	generations = authority_generations(authority);
	active = generations_active(generations, now_s);
	if (!active || !time_source_is_good(&flow->time))
		return FLOW_REFUSED;
	return sign_claimed(flow, authority, active, actor, now_s);
}

int flow_renew_crl(struct flow *flow, struct authority *authority, int64_t now_s)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	const struct generation *active;
	int r;

	claim = claim_take(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	generations = authority_generations(authority);
	active = generations_active(generations, now_s);
	if (!active)
		return FLOW_REFUSED;
	r = store_server_load(flow->store, authority->conf->label, &record);
	if (r)
		return r < 0 ? r : -ENOENT;
	if (ca_crl_due_s(&record, active->record, now_s) > now_s)
		return 0;
	return sign_claimed(flow, authority, active, "clavigerd", now_s);
}
