/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/adopt.h"
#include "daemon/base/crypto.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/authority.h"
#include "daemon/flow/claims.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct keys {
	uint8_t (*items)[SHA256_SIZE];
	size_t n;
};

static void keys_done(struct keys *keys)
{
	free(keys->items);
}

static int add_key(struct keys *keys, const struct token_key *key)
{
	uint8_t(*items)[SHA256_SIZE] = reallocarray(keys->items, keys->n + 1, SHA256_SIZE);

	if (!items)
		return -ENOMEM;
	keys->items = items;
	sha256(span_of(key->spki), items[keys->n++]);
	return 0;
}

/* Those that are on the token, each looked for after its login. */
static int find_keys(struct token_link *token, struct keys *ret)
{
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r == TOKEN_LINK_NO_KEY)
			return 0;
		if (r == 0 && key.present)
			r = add_key(ret, &key);
		if (r)
			return r < 0 ? r : FLOW_LATER;
	}
}

static int find_token(struct token_link *token, struct adopted *ret, char **ret_reason)
{
	struct token_facts facts;
	int r = token_link_status(token, &facts);

	if (r < 0)
		return r;
	if (r > 0 || facts.state != TOKEN_READY)
		return text_format(ret_reason, "token %s is %s", token_link_name(token),
				   r > 0 ? "absent: its process does not answer"
					 : token_state_name(facts.state))
			       ?: FLOW_LATER;
	(void)snprintf(ret->serial, sizeof(ret->serial), "%s", facts.serial);
	return 0;
}

static int record(struct flow *flow, struct store_adoption *adoption, const char *actor,
		  int64_t now_s)
{
	_cleanup_(audit_done) struct audit_event event = {};
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {
		.now_s = now_s, .adoption = adoption, .audit = &event.row, .n_audit = 1};
	int r;

	r = text_format(&note, "%s, serial %s, %zu keys", adoption->token, adoption->serial,
			adoption->n_keys);
	if (r == 0)
		r = audit_of_act(AUDIT_TOKEN_ADOPT, actor, NULL, note, &event);
	if (r == 0)
		r = store_commit(flow->store, &change);
	return r > 0 ? -EIO : r;
}

void flow_read_keys_again(struct flow *flow)
{
	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		struct authority *authority = &flow->authorities[i];
		_cleanup_(claim_releasep) pthread_mutex_t *claim = claim_take(
			flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));

		if (!claim || authority_load(flow, authority) < 0)
			log_warning(LOG_FIELDS(log_text("SERVER", authority->conf->label)),
				    "its keys' records can't be read again");
	}
}

int flow_adopt_token(struct flow *flow, struct token_link *token, const char *actor, int64_t now_s,
		     struct adopted *ret, char **ret_reason)
{
	_cleanup_(keys_done) struct keys keys = {};
	struct adopted adopted = {};
	struct store_adoption adoption = {.token = token_link_name(token),
					  .serial = adopted.serial,
					  .ret_changed = &adopted.records};
	int r;

	r = find_token(token, &adopted, ret_reason);
	if (r == 0)
		r = find_keys(token, &keys);
	if (r)
		return r;
	adoption.keys = (const uint8_t(*)[SHA256_SIZE])keys.items;
	adoption.n_keys = keys.n;
	r = record(flow, &adoption, actor, now_s);
	if (r < 0)
		return r;
	log_notice(
		LOG_FIELDS(log_text("TOKEN", adoption.token), log_text("SERIAL", adopted.serial)),
		"token %s was adopted: %u records of its keys changed", adoption.token,
		adopted.records);
	flow_read_keys_again(flow);
	*ret = adopted;
	return 0;
}
