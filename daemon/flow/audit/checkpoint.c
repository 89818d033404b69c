/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/audit/checkpoint.h"
#include "daemon/base/log.h"
#include "daemon/ca/checkpoint.h"
#include "daemon/flow/signing.h"
#include "daemon/flow/witness.h"
#include "daemon/x509/certificate.h"
#include "policy/charter.h"
#include <string.h>

#define LABEL	  "claviger-audit"
#define BITS	  2048
#define SIGNED_BY DIGEST_SHA256

/* The checkpoint before. */
struct before {
	int64_t number, seq, time_s;
	uint8_t sha256[SHA256_SIZE]; /* of its to-be-signed */
};

static int note_before(void *context, const struct store_checkpoint *checkpoint)
{
	struct before *before = context;

	before->number = checkpoint->number;
	before->seq = checkpoint->seq;
	before->time_s = checkpoint->time_s;
	sha256(checkpoint->to_be_signed, before->sha256);
	return 0;
}

static int note_time(void *context, const struct store_audit_record *record)
{
	*(int64_t *)context = record->time_s;
	return 1;
}

static int load_facts(struct flow *flow, struct before *ret_before,
		      struct store_audit_newest *ret_newest, struct ca_checkpoint_facts *ret)
{
	int r = store_checkpoint_newest(flow->store, note_before, ret_before);

	if (r == 0)
		r = store_audit_newest(flow->store, ret_newest);
	ret->since_s = ret_before->time_s;
	if (r == 0 && !ret_before->number)
		r = store_audit_list(flow->store, 0, 1, note_time, &ret->since_s);
	ret->newest_seq = ret_newest->seq;
	ret->last_seq = ret_before->seq;
	ret->every_s = flow->conf->daemon.checkpoint_every_s;
	return r;
}

/* The audit key on this token; FLOW_REFUSED for none, FLOW_LATER. */
static int find_key(struct token_link *token, struct key **ret)
{
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r)
			return r < 0 ? r : r == TOKEN_LINK_NO_KEY ? FLOW_REFUSED : FLOW_LATER;
		if (key.role == CHARTER_AUDIT && key.present)
			return key_new_token(token, span_of(key.spki), ret);
	}
}

static int make_key(struct token_link *token, struct key **ret)
{
	const struct token_order order = {.role = CHARTER_AUDIT, .bits = BITS, .label = LABEL};
	_cleanup_(token_key_done) struct token_key key = {};
	_cleanup_(freep) char *reason = NULL;
	int r;

	log_notice(LOG_FIELDS(log_text("TOKEN", token_link_name(token))),
		   "making a key for the audit's checkpoints on the token");
	r = token_link_make(token, &order, &key, &reason);
	if (r > 0)
		log_warning(LOG_FIELDS(log_text("TOKEN", token_link_name(token)),
				       log_text("REASON", reason)),
			    "no audit key can be made on this token");
	if (r)
		return r < 0 ? r : FLOW_LATER;
	return key_new_token(token, span_of(key.spki), ret);
}

static bool is_created(struct authority *authority)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);

	return generations->created;
}

/* Of the tokens that hold a server's key, in the order of the servers, the first that is ready. */
static int take_key(struct flow *flow, struct token_link **ret_token, struct key **ret)
{
	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		struct token_link *token = flow_find_token(flow, flow->conf->servers[i].token);
		struct token_facts facts;
		int r;

		if (!token || !is_created(&flow->authorities[i]) ||
		    token_link_status(token, &facts) || facts.state != TOKEN_READY)
			continue;
		*ret_token = token;
		r = find_key(token, ret);
		return r == FLOW_REFUSED ? make_key(token, ret) : r;
	}
	return FLOW_LATER;
}

static int build(struct flow *flow, const struct before *before,
		 const struct store_audit_newest *newest, int64_t now_s, struct bytes *ret)
{
	uint8_t id[STORE_ID_SIZE];
	const struct x509_checkpoint checkpoint = {
		.database = SPAN_ARRAY(id),
		.number = (uint64_t)before->number + 1,
		.seq = (uint64_t)newest->seq,
		.head = SPAN_ARRAY(newest->hash),
		.time_s = now_s,
		.previous = SPAN_ARRAY(before->sha256),
	};
	int r = store_id(flow->store, id);

	return r < 0 ? r : x509_checkpoint_build(&checkpoint, ret);
}

static int make(struct flow *flow, const struct before *before,
		const struct store_audit_newest *newest, int64_t now_s)
{
	_cleanup_(bytes_done) struct bytes to_be_signed = {}, signature = {};
	_cleanup_(key_unrefp) struct key *key = NULL;
	struct store_checkpoint checkpoint = {
		.number = before->number + 1, .seq = newest->seq, .time_s = now_s};
	struct token_link *token;
	int r;

	r = take_key(flow, &token, &key);
	if (r == 0)
		r = build(flow, before, newest, now_s, &to_be_signed);
	if (r == 0)
		r = flow_sign(flow, key, SIGNED_BY, span_of(to_be_signed), &signature);
	if (r)
		return r;
	checkpoint.token = token_link_name(token);
	checkpoint.spki = key_spki(key);
	checkpoint.to_be_signed = span_of(to_be_signed);
	checkpoint.signature = span_of(signature);
	r = store_checkpoint_add(flow->store, &checkpoint);
	if (r)
		return r < 0 ? r : -EEXIST;
	log_info(LOG_FIELDS(log_number("NUMBER", checkpoint.number),
			    log_number("SEQ", checkpoint.seq)),
		 "audit checkpoint signed");
	return 0;
}

static bool has_server(const struct flow *flow)
{
	for (size_t i = 0; i < flow->conf->n_servers; i++)
		if (is_created(&flow->authorities[i]))
			return true;
	return false;
}

int flow_checkpoint(struct flow *flow, int64_t now_s, int64_t *ret_in_s)
{
	_cleanup_(witness_unlockp) struct witness *locked = flow->witness;
	struct store_audit_newest newest = {};
	struct ca_checkpoint_facts facts = {};
	struct before before = {};
	int64_t due_s;
	int r;

	witness_lock(locked);
	/* Without a server there is no token that is ours to make a key on. */
	r = has_server(flow) ? load_facts(flow, &before, &newest, &facts) : 0;
	if (r < 0)
		return r;
	due_s = ca_checkpoint_due_s(&facts);
	if (due_s <= now_s)
		return time_source_is_good(&flow->time) ? make(flow, &before, &newest, now_s)
							: FLOW_LATER;
	if (due_s - now_s < *ret_in_s)
		*ret_in_s = due_s - now_s;
	return 0;
}

int checkpoint_verify(struct span spki, struct span to_be_signed, struct span signature)
{
	struct x509_key key;
	int r = x509_key_read(spki, &key);

	if (r == 0)
		r = x509_verify(&key, SIGNED_BY, to_be_signed, signature);
	return r == -ENOMEM ? r : r ? CHECKPOINT_FORGED : 0;
}
