/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/crl/import.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/ca/crl.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/crl/crl.h"
#include "daemon/x509/name.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the CRL lists, in ascending order of serial. Serials borrow from it. */
struct listed {
	struct store_revocation *items;
	size_t n, capacity;
};

static void listed_done(struct listed *listed)
{
	free(listed->items);
}

static int refuse(char **ret_reason, const char *why)
{
	int r = text_format(ret_reason, "that CRL is not taken in: %s", why);

	return r < 0 ? r : FLOW_REFUSED;
}

static int compare(const void *a, const void *b)
{
	const struct store_revocation *one = a, *other = b;

	if (one->serial.size != other->serial.size)
		return one->serial.size < other->serial.size ? -1 : 1;
	return memcmp(one->serial.data, other->serial.data, one->serial.size);
}

static int add(struct listed *listed, const struct x509_crl_entry *entry)
{
	if (listed->n == listed->capacity) {
		size_t capacity = listed->capacity ? listed->capacity * 2 : 64;
		struct store_revocation *items =
			reallocarray(listed->items, capacity, sizeof(*items));

		if (!items)
			return -ENOMEM;
		listed->items = items;
		listed->capacity = capacity;
	}
	listed->items[listed->n++] =
		(struct store_revocation){entry->serial, entry->revoked_s, entry->reason};
	return 0;
}

/* 0, FLOW_REFUSED, -errno. */
static int list(const struct x509_crl *crl, struct listed *ret, char **ret_reason)
{
	struct span rest = crl->revoked;
	struct x509_crl_entry entry;
	int r;

	while ((r = x509_crl_next(&rest, &entry)) == 0) {
		r = add(ret, &entry);
		if (r < 0)
			return r;
	}
	if (r != -ENODATA)
		return refuse(ret_reason, "an entry has a critical extension, or a reason that is "
					  "none (RFC 5280 §5.3)");
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), compare);
	for (size_t i = 1; i < ret->n; i++)
		if (!compare(&ret->items[i - 1], &ret->items[i]))
			return refuse(ret_reason, "it lists a certificate twice");
	return 0;
}

/* What one import works with. */
struct import {
	const struct hand *hand;
	const struct x509_crl *crl;
	struct generations *generations;
	const struct ca_generation_record *signer; /* whose key signed it */
	struct ca_server_record record;
	struct listed listed;
};

static void import_done(struct import *import)
{
	listed_done(&import->listed);
	ca_server_record_done(&import->record);
	generations_unref(import->generations);
}

static const struct ca_generation_record *signer_of(const struct generations *generations,
						    const struct x509_crl *crl)
{
	for (size_t i = 0; i < generations->n; i++) {
		const struct x509_certificate *issuer = &generations->items[i].certificate;

		if (x509_name_equal(issuer->subject, crl->issuer) &&
		    !x509_verify(&issuer->key, crl->digest, crl->to_be_signed, crl->signature))
			return generations->items[i].record;
	}
	return NULL;
}

static enum ca_phase phase_of_signer(const struct import *import)
{
	return ca_generation_phase(import->generations->records, import->generations->n,
				   (size_t)(import->signer - import->generations->records),
				   import->hand->now_s);
}

/* Of a generation that another followed: it takes no part in what the active one signs. */
static bool is_own(const struct import *import)
{
	return phase_of_signer(import) != CA_PHASE_ACTIVE;
}

/* What its number must be above. */
static int load_newest_number(const struct import *import, uint64_t *ret)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	int r;

	*ret = import->record.crl_last_number;
	if (!is_own(import))
		return 0;
	r = store_crl_load_own(import->hand->flow->store, import->signer->id, &crl);
	*ret = crl.number;
	return r < 0 ? r : 0;
}

static struct ca_crl_import facts_of(const struct x509_crl *crl)
{
	struct ca_crl_import import = {.this_update_s = crl->this_update_s,
				       .next_update_s = crl->next_update_s,
				       .has_number = crl->number.size > 0 &&
						     crl->number.size <= sizeof(uint64_t)};

	for (size_t i = 0; i < crl->number.size && import.has_number; i++)
		import.number = import.number << 8 | crl->number.data[i];
	import.has_number = import.has_number && import.number <= INT64_MAX;
	return import;
}

struct search {
	const struct listed *listed;
	struct buffer missing;
};

/* Ends at the first of ours that the CRL leaves out: who goes by it would trust that one again. */
static int note_missing(void *context, const struct ca_certificate_record *revoked)
{
	struct search *search = context;
	const struct listed *listed = search->listed;
	const struct store_revocation wanted = {.serial = span_of(revoked->serial)};

	if (listed->n && bsearch(&wanted, listed->items, listed->n, sizeof(wanted), compare))
		return 0;
	text_append_hex(&search->missing, span_of(revoked->serial), true);
	return 1;
}

static int check_complete(const struct hand *hand, const struct listed *listed, char **ret_reason)
{
	_cleanup_(freep) char *why = NULL, *serial = NULL;
	struct search search = {.listed = listed};
	int r;

	r = store_revoked_list(hand->flow->store, hand->authority->conf->label, hand->now_s,
			       note_missing, &search);
	if (r >= 0 && !search.missing.size)
		return 0;
	if (r >= 0)
		r = buffer_take_text(&search.missing, &serial);
	buffer_done(&search.missing);
	if (r >= 0)
		r = text_format(&why, "certificate 0x%s is revoked here and not in it", serial);
	return r < 0 ? r : refuse(ret_reason, why);
}

static int check(struct import *import, char **ret_reason)
{
	const struct ca_crl_import facts = facts_of(import->crl);
	uint64_t newest;
	const char *why;
	int r;

	import->signer = signer_of(import->generations, import->crl);
	if (!import->signer)
		return refuse(ret_reason, "no CA key of this server signed it");
	if (phase_of_signer(import) == CA_PHASE_SHADOW)
		return refuse(ret_reason, "the CA whose key signed it has not taken over yet");
	r = load_newest_number(import, &newest);
	if (r < 0)
		return r;
	why = ca_crl_import_refusal(newest, &facts, import->hand->now_s);
	return why ? refuse(ret_reason, why) : 0;
}

static int commit(const struct import *import)
{
	_cleanup_(audit_done) struct audit_event event = {};
	const struct hand *hand = import->hand;
	const struct x509_crl *crl = import->crl;
	const struct store_revocations revocations = {import->listed.items, import->listed.n};
	struct store_change change = {
		.server = hand->authority->conf->label,
		.now_s = hand->now_s,
		.revocations = &revocations,
		.crl = crl->whole,
		.crl_generation = import->signer->id,
		.crl_is_own = is_own(import),
		.crl_number = facts_of(crl).number,
		.crl_revision = import->record.revocation_revision,
		.crl_this_update_s = crl->this_update_s,
		.crl_next_update_s = crl->next_update_s,
		.audit = &event.row,
		.n_audit = 1,
	};
	char note[32];
	int r;

	(void)snprintf(note, sizeof(note), "%llu", (unsigned long long)change.crl_number);
	r = audit_of_act(AUDIT_CRL_IMPORT, hand->actor, change.server, note, &event);
	if (r >= 0)
		r = store_commit(hand->flow->store, &change);
	if (r == 0)
		log_notice(LOG_FIELDS(log_text("SERVER", change.server), log_text("NUMBER", note)),
			   "CRL imported");
	return r > 0 ? -EBUSY : r;
}

static int import_read(struct import *import, char **ret_reason)
{
	const struct hand *hand = import->hand;
	const char *label = hand->authority->conf->label;
	int r;

	import->generations = authority_generations(hand->authority);
	r = store_server_load(hand->flow->store, label, &import->record);
	if (r)
		return r < 0 ? r : HAND_NOT_FOUND;
	r = check(import, ret_reason);
	if (!r)
		r = list(import->crl, &import->listed, ret_reason);
	if (!r)
		r = check_complete(hand, &import->listed, ret_reason);
	return r ? r : commit(import);
}

int flow_import_crl(const struct hand *hand, struct span der, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(import_done) struct import import = {.hand = hand};
	struct x509_crl crl;
	int r;

	if (x509_crl_read(der, &crl) < 0 || crl.digest == DIGEST_NONE)
		return refuse(ret_reason,
			      "it is no CRL of version 2 with nextUpdate, signed by RSA, "
			      "without critical extensions (RFC 5280 §5)");
	import.crl = &crl;
	claim = claim_take(hand->flow->claims, CLAIM_SERVER,
			   span_of_text(hand->authority->conf->label));
	r = import_read(&import, ret_reason);
	if (r)
		return r;
	r = flow_crl_changed(hand->flow, hand->authority, hand->now_s);
	flow_changed(hand->flow);
	return r;
}
