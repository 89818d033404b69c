/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/look.h"
#include "daemon/base/files.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/ipc/keys.h"
#include "policy/charter.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind every # that a label may have: its token's process has a charter and no key for it. */
#define ABSENT_S 1000

static void candidate_done(struct key_use_candidate *candidate)
{
	key_unref(candidate->key);
	free(candidate->token);
}

void key_use_look_done(struct key_use_look *look)
{
	for (size_t i = 0; i < look->n; i++)
		candidate_done(&look->items[i]);
	free(look->items);
	free(look->reason);
	*look = (struct key_use_look){};
}

/* RFC 5280 §4.2.1.3 tells one pair for everything from two of which each has its own use. */
static bool serves(const struct key_use_candidate *candidate, bool opens)
{
	return candidate->usage == KEY_USAGE_GENERAL ||
	       candidate->usage == (opens ? KEY_USAGE_ENCRYPTION : KEY_USAGE_SIGNATURE);
}

bool key_use_look_opens(const struct key_use_candidate *candidate)
{
	return serves(candidate, true);
}

const struct key_use_candidate *key_use_look_choose(const struct key_use_look *look,
						    const struct key_use_look_wish *wish)
{
	const struct key_use_candidate *best = NULL;

	for (size_t i = 0; i < look->n; i++) {
		const struct key_use_candidate *item = &look->items[i];

		if (wish->id.size) {
			if (span_equal(key_id(item->key), wish->id))
				return item;
			continue;
		}
		if (serves(item, wish->opens) && item->from_s <= wish->now_s &&
		    (!best || item->from_s > best->from_s))
			best = item;
	}
	return best;
}

/* Takes @key over. */
static int add(struct key_use_look *look, struct key *key, const char *token, int usage,
	       int64_t from_s)
{
	struct key_use_candidate *items =
		realloc(look->items, (look->n + 1) * sizeof(*look->items));
	char *copy = strdup(token);

	if (items)
		look->items = items;
	if (!items || !copy) {
		key_unref(key);
		free(copy);
		return -ENOMEM;
	}
	items[look->n++] = (struct key_use_candidate){
		.key = key, .token = copy, .usage = usage, .from_s = from_s};
	return 0;
}

/* Replaces why there is none. */
_printf_(3, 4) static int tell(struct key_use_look *look, int none, const char *format, ...)
{
	va_list arguments;
	int r;

	free(look->reason);
	look->reason = NULL;
	va_start(arguments, format);
	r = vasprintf(&look->reason, format, arguments);
	va_end(arguments);
	if (r < 0)
		look->reason = NULL;
	look->none = none;
	return r < 0 ? -ENOMEM : 0;
}

/* Trustpoints. */

static int add_identity(struct flow *flow, const struct ca_identity_record *identity,
			struct key_use_look *look)
{
	struct token_link *token = flow_find_token(flow, identity->key.token);
	struct key *key;
	int r;

	if (identity->key_destroyed_s || !token)
		return 0;
	r = key_new_token(token, span_of(identity->key.spki), &key);
	return r < 0 ? r
		     : add(look, key, identity->key.token, identity->usage, identity->takes_over_s);
}

static int look_at_trustpoint(struct flow *flow, const struct key_use_look_wish *wish,
			      struct key_use_look *look)
{
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	int r = trustpoint_turn_look(flow, wish->name, wish->now_s, &turn);

	look->of_trustpoint = true;
	if (r >= 0 && turn.server)
		return tell(look, KEY_USE_LOOK_FORBID,
			    "'%s' is a certificate server: its keys are for nobody else",
			    wish->name);
	for (size_t i = 0; i < turn.state.n_identities && r >= 0; i++)
		r = add_identity(flow, &turn.state.identities[i], look);
	if (r >= 0 && !look->n)
		r = tell(look, KEY_USE_LOOK_NONE,
			 "trustpoint %s has no certificate yet: claviger trustpoint enroll %s",
			 wish->name, wish->name);
	return r;
}

/* Labels. */

static int64_t count_marks(const char *label)
{
	struct span whole = span_of_text(label);

	return (int64_t)(whole.size - conf_key_plain_label(whole).size);
}

static int add_key(struct token_link *token, const struct token_key *found,
		   struct key_use_look *look)
{
	struct key *key;
	int r;

	if (found->role != CHARTER_IDENTITY)
		return tell(look, KEY_USE_LOOK_FORBID,
			    "the key '%s' on token %s is of role %s: programs use keys of role "
			    "identity alone",
			    found->label, token_link_name(token), charter_role_name(found->role));
	r = key_new_token(token, span_of(found->spki), &key);
	return r < 0 ? r
		     : add(look, key, token_link_name(token), found->usage,
			   -count_marks(found->label) - (found->present ? 0 : ABSENT_S));
}

/* 1 where it can't be asked. */
static int look_at_token(struct token_link *token, const struct key_use_look_wish *wish,
			 struct key_use_look *look)
{
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r == TOKEN_LINK_NO_KEY)
			return 0;
		if (r == -ENOMEM)
			return r;
		if (r) {
			r = tell(look, KEY_USE_LOOK_LATER,
				 "token %s, which may have the key '%s', is away: its process "
				 "does not answer (claviger status)",
				 token_link_name(token), wish->name);
			return r < 0 ? r : 1;
		}
		if (conf_key_is_called(key.label, wish->name))
			r = add_key(token, &key, look);
		if (r < 0)
			return r;
	}
}

static bool is_on(const struct key_use_look *look, const char *token)
{
	for (size_t i = 0; i < look->n; i++)
		if (!strcmp(look->items[i].token, token))
			return true;
	return false;
}

/* What was known of a token that is not asked this time, or gave no answer. */
static int keep(const struct key_use_look *before, const char *token, struct key_use_look *look)
{
	int r = 0;

	for (size_t i = 0; i < before->n && r >= 0; i++) {
		const struct key_use_candidate *item = &before->items[i];

		if (!strcmp(item->token, token))
			r = add(look, key_ref(item->key), token, item->usage, item->from_s);
	}
	return r;
}

/* Of those on which something was before, or of the others. */
static int look_at_tokens(struct flow *flow, const struct key_use_look_wish *wish, bool was_there,
			  const struct key_use_look *before, struct key_use_look *look)
{
	int r = 0;

	for (size_t i = 0; i < flow->conf->n_tokens && r >= 0; i++) {
		const char *name = flow->conf->tokens[i].name;

		if (is_on(before, name) != was_there)
			continue;
		r = key_use_look_choose(look, wish) ? 1
						    : look_at_token(flow->tokens[i], wish, look);
		if (r > 0)
			r = keep(before, name, look);
	}
	return r;
}

static int look_at_labels(struct flow *flow, const struct key_use_look_wish *wish,
			  const struct key_use_look *before, struct key_use_look *look)
{
	int r = tell(look, KEY_USE_LOOK_NONE,
		     "there is no key '%s': no [Trustpoint %s], and no key of this label on any "
		     "token (claviger key list)",
		     wish->name, wish->name);

	if (r >= 0)
		r = look_at_tokens(flow, wish, true, before, look);
	if (r >= 0)
		r = look_at_tokens(flow, wish, false, before, look);
	return r;
}

int key_use_look_up(struct flow *flow, const struct key_use_look_wish *wish,
		    const struct key_use_look *before, struct key_use_look *ret)
{
	int r;

	*ret = (struct key_use_look){};
	r = conf_find_trustpoint(flow->conf, wish->name) ? look_at_trustpoint(flow, wish, ret)
							 : look_at_labels(flow, wish, before, ret);
	if (r < 0)
		key_use_look_done(ret);
	return r;
}
