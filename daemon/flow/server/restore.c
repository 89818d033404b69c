/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/restore.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/recorded.h"
#include "daemon/flow/server/restore-look.h"
#include "policy/charter.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The CA key with this public key. */
static int find_key(struct restore *restore, struct token_link *token, char **ret_reason)
{
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r == TOKEN_LINK_NO_KEY)
			return restore_refuse(ret_reason,
					      "the certificate's key is not on the server's "
					      "token as a CA key");
		if (r)
			return r == TOKEN_LINK_LATER ? FLOW_LATER : r < 0 ? r : -EKEYREJECTED;
		if (key.role == CHARTER_CA && key.present &&
		    span_equal(span_of(key.spki), restore->certificate.key.spki)) {
			restore->token_key = TAKE_STRUCT(key);
			return 0;
		}
	}
}

static int fill_generation(struct restore *restore, const struct token_facts *token)
{
	const struct x509_certificate *c = &restore->certificate;
	struct ca_generation_record *generation = &restore->generation;
	int r;

	generation->number = 1;
	/* One that isn't ours to read counts as the first: what follows is behind the last. */
	generation->counter = restore->facts.own_counter ? restore->facts.own_counter : 1;
	generation->not_before_s = generation->takes_over_s = c->not_before_s;
	generation->not_after_s = c->not_after_s;
	ca_generation_settle(generation, generation->takes_over_s);
	x509_key_sha256(&c->key, generation->key_sha256);
	r = text_format(&generation->token, "%s",
			conf_server_first_token(restore->authority->conf));
	if (r == 0)
		r = text_format(&generation->token_serial, "%s", token->serial);
	if (r == 0)
		r = bytes_copy(c->whole, &generation->certificate);
	if (r == 0)
		r = bytes_copy(c->serial, &generation->serial);
	if (r == 0)
		r = bytes_copy(c->issuer, &generation->issuer);
	if (r == 0)
		r = bytes_copy(c->key.spki, &generation->spki);
	return r < 0 ? r : bytes_copy(span_of(restore->token_key.id), &generation->key_id);
}

static int fill_record(struct restore *restore)
{
	const struct ca_generation_record *generation = &restore->generation;
	struct ca_certificate_record *record = &restore->record;
	int r;

	record->class = GRANT_CLASS_SUBORDINATE;
	record->counter = generation->counter;
	record->not_before_s = generation->not_before_s;
	record->not_after_s = generation->not_after_s;
	memcpy(record->key_sha256, generation->key_sha256, SHA256_SIZE);
	r = bytes_copy(span_of(generation->serial), &record->serial);
	if (r == 0)
		r = bytes_copy(restore->certificate.subject, &record->subject);
	return r < 0 ? r : bytes_copy(span_of(generation->certificate), &record->certificate);
}

static uint64_t crl_number(const struct x509_crl *crl)
{
	uint64_t number = 0;

	for (size_t i = 0; i < crl->number.size; i++)
		number = number << 8 | crl->number.data[i];
	/* Routers number none; what is too long to count on begins anew. */
	return number && crl->number.size < sizeof(number) ? number : 1;
}

static int commit(struct restore *restore, const char *actor, int64_t now_s)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(restore->authority);
	const struct store_revocations revocations = {restore->revoked.items, restore->revoked.n};
	const char *label = restore->authority->conf->label;
	_cleanup_(recorded_done) struct recorded recorded = {};
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = label,
		.now_s = now_s,
		.create_server = label,
		.generation = &restore->generation,
		.certificate = &restore->record,
		.last_counter = restore->facts.last_counter,
		.audit = &event.row,
		.n_audit = 1,
	};
	char note[64];
	int r;

	if (restore->facts.has_crl) {
		change.revocations = &revocations;
		change.crl = restore->order->crl;
		change.crl_number = crl_number(&restore->crl);
		change.crl_this_update_s = restore->crl.this_update_s;
		change.crl_next_update_s = restore->crl.next_update_s;
	}
	snprintf(note, sizeof(note), "last serial 0x%" PRIx64, restore->facts.last_counter);
	r = audit_of_act(AUDIT_SERVER_RESTORE, actor, label, note, &event);
	if (r >= 0)
		r = recorded_of(restore->authority, generations, false, &recorded);
	if (r < 0)
		return r;
	change.settings = recorded.settings;
	change.n_settings = recorded.n;
	r = store_commit(restore->flow->store, &change);
	return r > 0 ? -EEXIST : r; /* it was looked for under the claim */
}

static int bring_back(struct restore *restore, const char *actor, int64_t now_s, char **ret_reason)
{
	struct authority *authority = restore->authority;
	struct token_link *token =
		flow_find_token(restore->flow, conf_server_first_token(authority->conf));
	struct token_facts facts;
	int r;

	r = token_link_status(token, &facts);
	if (r)
		return r < 0 ? r : FLOW_LATER;
	r = find_key(restore, token, ret_reason);
	if (r == 0)
		r = fill_generation(restore, &facts);
	if (r == 0)
		r = fill_record(restore);
	if (r == 0)
		r = commit(restore, actor, now_s);
	if (r)
		return r;
	log_notice(LOG_FIELDS(log_text("SERVER", authority->conf->label),
			      log_number("LAST_SERIAL", (int64_t)restore->facts.last_counter),
			      log_number("REVOKED", (int64_t)restore->revoked.n)),
		   "server restored: found existing serial file, version 1, last serial 0x%" PRIx64,
		   restore->facts.last_counter);
	r = authority_load(restore->flow, authority);
	return r < 0 ? r : flow_publish(restore->flow, authority, now_s);
}

int flow_server_restore(struct flow *flow, struct authority *authority,
			const struct restore_order *order, const char *actor, int64_t now_s,
			char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(restore_done) struct restore restore = {
		.flow = flow, .authority = authority, .order = order};
	int r;

	claim = claim_take(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	if (!time_source_is_good(&flow->time))
		return restore_refuse(ret_reason,
				      "waiting for time setting: the clock is not synchronised "
				      "(or set TimeSource=authoritative)");
	r = restore_look(&restore, now_s, ret_reason);
	if (r || order->look_only)
		return r;
	return bring_back(&restore, actor, now_s, ret_reason);
}
