/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that nothing recorded has: of a server that is deleted, and those that a token made for a
 * successor while nobody was there to hear of it. */
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/base/text.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/serving.h"

/* What keys that may be left are called: a server's all; a router's only those that we marked, as
 * the pair without a mark may be anybody's. */
struct names {
	char *first, *second; /* the second may be NULL */
};

static void names_done(struct names *names)
{
	freep(&names->first);
	freep(&names->second);
}

static int find_names(const struct trustpoint_turn *turn, struct names *ret)
{
	return turn->server
		       ? text_format(&ret->first, "%s", conf_server_key_label(turn->server->conf))
		       : conf_trustpoint_key_labels(turn->conf, &ret->first, &ret->second);
}

static bool is_ours(const struct trustpoint_turn *turn, const struct names *names,
		    const struct token_key *key)
{
	return key->present && key->role == trustpoint_key_role(turn) &&
	       (turn->server || conf_key_is_marked(span_of_text(key->label))) &&
	       (conf_key_is_called(key->label, names->first) ||
		(names->second && conf_key_is_called(key->label, names->second))) &&
	       span_equal(span_of(key->issuer), trustpoint_key_issuer(turn));
}

static bool is_an_identitys(const struct ca_trustpoint_state *state, struct span key_sha256)
{
	for (size_t i = 0; i < state->n_identities; i++)
		if (!state->identities[i].key_destroyed_s &&
		    span_equal(SPAN_ARRAY(state->identities[i].key.key_sha256), key_sha256))
			return true;
	for (size_t i = 0; i < state->n_enrollments; i++)
		if (span_equal(SPAN_ARRAY(state->enrollments[i].key.key_sha256), key_sha256))
			return true;
	return false;
}

/* Whether something that is recorded has it: another trustpoint, a generation, an exchange, or what
 * goes on of this one. */
static bool is_used(struct trustpoint_turn *turn, const struct token_key *key)
{
	uint8_t key_sha256[SHA256_SIZE];
	unsigned users = 0;

	sha256(span_of(key->spki), key_sha256);
	return store_trustpoint_key_users(turn->flow->store, turn->conf->name,
					  SPAN_ARRAY(key_sha256), &users) < 0 ||
	       users || (!turn->server && is_an_identitys(&turn->state, SPAN_ARRAY(key_sha256)));
}

/* The first on this token from @position on; false where there is none more. */
static bool find_left(struct trustpoint_turn *turn, const struct names *names,
		      struct token_link *token, unsigned *position, struct token_key *ret)
{
	for (;; (*position)++) {
		_cleanup_(token_key_done) struct token_key key = {};

		if (token_link_key(token, *position, &key))
			return false;
		if (!is_ours(turn, names, &key) || is_used(turn, &key))
			continue;
		*ret = TAKE_STRUCT(key);
		return true;
	}
}

static void tell(const struct trustpoint_turn *turn, const struct token_key *key, const char *token,
		 int r)
{
	if (!r || r == -ENOENT)
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_KEY_DESTROYED),
				      log_text("TRUSTPOINT", turn->conf->name),
				      log_text("KEY", key->label), log_text("TOKEN", token)),
			   "the key '%s', which got no certificate, was destroyed", key->label);
	else
		log_warning(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name),
				       log_text("TOKEN", token), log_number("RESULT", r)),
			    "the key '%s' stays on its token: claviger key zeroize", key->label);
}

void trustpoint_drop_left_keys(struct trustpoint_turn *turn)
{
	const struct conf *conf = turn->flow->conf;
	_cleanup_(names_done) struct names names = {};
	bool known = find_names(turn, &names) >= 0;

	for (size_t i = 0; known && i < conf->n_tokens; i++) {
		struct token_link *token = turn->flow->tokens[i];
		unsigned position = 0;

		for (;;) {
			_cleanup_(token_key_done) struct token_key key = {};
			uint8_t key_sha256[SHA256_SIZE];
			int r;

			if (!find_left(turn, &names, token, &position, &key))
				break;
			sha256(span_of(key.spki), key_sha256);
			r = token_link_destroy(token, SPAN_ARRAY(key_sha256), NULL);
			tell(turn, &key, conf->tokens[i].name, r);
			/* Those behind one that is gone move up. */
			position += r != 0;
		}
	}
}
