/* SPDX-License-Identifier: Apache-2.0 */
/* key.list: what the tokens' processes tell of their keys, and which server each belongs to; and
 * what is recorded of copies of them. */
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/flow/control/parts.h"
#include "daemon/flow/server/key-backup.h"
#include "daemon/ipc/keys.h"
#include "daemon/x509/certificate.h"
#include "policy/charter.h"
#include <string.h>

/* The label of the server that has a generation with this key; NULL. */
static const char *find_server(struct flow *flow, const struct token_key *key)
{
	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		_cleanup_(generations_unrefp) struct generations *generations =
			authority_generations(&flow->authorities[i]);

		for (size_t j = 0; j < generations->n; j++) {
			if (span_equal(span_of(generations->records[j].spki), span_of(key->spki)))
				return flow->authorities[i].conf->label;
		}
	}
	return NULL;
}

static json_t *json_optional(const char *text)
{
	return text ? json_string(text) : json_null();
}

static size_t count_bits(const struct x509_key *key)
{
	size_t bits = key->modulus.size * 8;
	unsigned top = key->modulus.size ? key->modulus.data[0] : 0x80;

	for (; top && !(top & 0x80); top <<= 1)
		bits--;
	return bits;
}

static json_t *json_key(struct flow *flow, struct token_link *token, const struct token_key *key)
{
	uint8_t sha256_of_key[SHA256_SIZE];
	struct x509_key public;

	if (x509_key_read(span_of(key->spki), &public) < 0)
		return NULL;
	sha256(span_of(key->spki), sha256_of_key);
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o?, s:I, s:o?, s:o?, s:o?, s:o?}",
		"name", key->label, "token", token_link_name(token), "role",
		charter_role_name(key->role), "usage", key_usage_name(key->usage), "usageWords",
		key_usage_words(key->usage), "exportable", key_exportable_name(key->exportable),
		"exportableWords", key_exportable_words(key->exportable), "present",
		(int)key->present, "madeAt", control_json_time(key->made_s), "bits",
		(json_int_t)count_bits(&public), "server", json_optional(find_server(flow, key)),
		"id", control_json_hex(span_of(key->id), false), "sha256",
		control_json_hex(SPAN_ARRAY(sha256_of_key), false), "publicKey",
		control_json_hex(span_of(key->spki), true));
}

/* A token that can't be asked has no keys that could be told. */
static int add_keys(struct flow *flow, struct token_link *token, json_t *list)
{
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r)
			return r < 0 ? r : 0;
		if (json_array_append_new(list, json_key(flow, token, &key)))
			return -ENOMEM;
	}
}

json_t *control_key_list(const struct control_turn *turn)
{
	const char *wanted = control_text(turn, "token");
	struct flow *flow = turn->flow;
	json_t *list = json_array();
	int r = 0;

	if (wanted && !flow_find_token(flow, wanted)) {
		json_decref(list);
		return control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
					 "no [Token %s] in the configuration", wanted);
	}
	for (size_t i = 0; i < flow->conf->n_tokens && r == 0; i++) {
		if (!wanted || !strcmp(token_link_name(flow->tokens[i]), wanted))
			r = add_keys(flow, flow->tokens[i], list);
	}
	return control_reply_list("keys", list, r);
}

/* What both methods have; the error where there is no such token. */
static json_t *copy_of(const struct control_turn *turn, struct key_copy *ret)
{
	const char *name = control_text(turn, "token");

	*ret = (struct key_copy){
		.token = flow_find_token(turn->flow, name),
		.actor = turn->actor,
		.now_s = turn->now_s,
	};
	return ret->token ? NULL
			  : control_error_new(CONTROL_ERROR_NOT_FOUND, NULL,
					      "no [Token %s] in the configuration", name);
}

json_t *control_token_backed_up(const struct control_turn *turn)
{
	_cleanup_(bytes_done) struct bytes key = {};
	_cleanup_(freep) char *reason = NULL;
	struct key_copy copy;
	json_t *error = copy_of(turn, &copy);
	int r;

	if (error)
		return error;
	r = text_read_hex(span_of_text(control_text(turn, "key")), &key);
	if (r == -ENOMEM)
		return control_failure(r, NULL);
	if (r < 0 || key.size != SHA256_SIZE)
		return control_error_new(CONTROL_ERROR_INVALID, "key",
					 "a key is named by its SHA-256, 64 hex digits");
	copy.key_sha256 = span_of(key);
	copy.to = control_text(turn, "to");
	r = flow_key_backed_up(turn->flow, &copy, &reason);
	return r ? control_failure(r, reason) : control_reply_new(NULL, false);
}

json_t *control_token_restored(const struct control_turn *turn)
{
	_cleanup_(freep) char *reason = NULL;
	struct key_copy copy;
	json_t *error = copy_of(turn, &copy);
	int r;

	if (error)
		return error;
	copy.label = control_text(turn, "label");
	r = flow_key_restored(turn->flow, &copy, &reason);
	return r ? control_failure(r, reason) : control_reply_new(NULL, false);
}
