/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/key-backup.h"
#include "daemon/base/crypto.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/succession/adopt.h"
#include <string.h>

static bool is_meant(const struct key_copy *copy, const struct token_key *key,
		     const uint8_t sha256_of_key[static SHA256_SIZE])
{
	if (!copy->key_sha256.size)
		return !strcmp(key->label, copy->label);
	return span_equal(SPAN(sha256_of_key, SHA256_SIZE), copy->key_sha256);
}

static int find_key(const struct key_copy *copy, struct token_key *ret,
		    uint8_t ret_sha256[static SHA256_SIZE], char **ret_reason)
{
	const char *name = token_link_name(copy->token);

	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(copy->token, position, &key);

		if (r == TOKEN_LINK_NO_KEY)
			return text_format(ret_reason, "no such key on token %s", name)
				       ?: FLOW_REFUSED;
		if (r < 0)
			return r;
		if (r)
			return text_format(ret_reason, "token %s can't be asked", name)
				       ?: FLOW_LATER;
		sha256(span_of(key.spki), ret_sha256);
		if (!is_meant(copy, &key, ret_sha256))
			continue;
		*ret = TAKE_STRUCT(key);
		return 0;
	}
}

static int describe(const struct key_copy *copy, const struct token_key *key,
		    const uint8_t sha256_of_key[static SHA256_SIZE], char **ret)
{
	_cleanup_(buffer_done) struct buffer hex = {};

	text_append_hex(&hex, SPAN(sha256_of_key, SHA256_SIZE), false);
	if (hex.error)
		return hex.error;
	return text_format(ret, "%s, %.*s, token %s%s%s", key->label, (int)hex.size,
			   (const char *)hex.data, token_link_name(copy->token),
			   copy->to ? ", to " : "", copy->to ? copy->to : "");
}

static int record(struct flow *flow, const struct key_copy *copy, enum audit_type type,
		  char **ret_reason)
{
	_cleanup_(audit_done) struct audit_event event = {};
	_cleanup_(token_key_done) struct token_key key = {};
	_cleanup_(freep) char *note = NULL;
	uint8_t sha256_of_key[SHA256_SIZE];
	struct store_change change = {.now_s = copy->now_s, .audit = &event.row, .n_audit = 1};
	int r = find_key(copy, &key, sha256_of_key, ret_reason);

	if (r == 0)
		r = describe(copy, &key, sha256_of_key, &note);
	if (r == 0)
		r = audit_of_act(type, copy->actor, NULL, note, &event);
	if (r)
		return r;
	if (type == AUDIT_KEY_BACKUP)
		change.backed_up_key = SPAN_ARRAY(sha256_of_key);
	r = store_commit(flow->store, &change);
	if (r)
		return r > 0 ? -EIO : r;
	log_notice(LOG_FIELDS(log_text("TOKEN", token_link_name(copy->token)),
			      log_text("ACTOR", copy->actor)),
		   "%s: %s", type == AUDIT_KEY_BACKUP ? "key backed up" : "key restored", note);
	return 0;
}

int flow_key_backed_up(struct flow *flow, const struct key_copy *copy, char **ret_reason)
{
	int r = record(flow, copy, AUDIT_KEY_BACKUP, ret_reason);

	if (r)
		return r;
	flow_read_keys_again(flow);
	flow_changed(flow);
	return 0;
}

int flow_key_restored(struct flow *flow, const struct key_copy *copy, char **ret_reason)
{
	return record(flow, copy, AUDIT_KEY_RESTORE, ret_reason);
}
