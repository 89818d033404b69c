/* SPDX-License-Identifier: Apache-2.0 */
/* A server's keys that wait for a certificate, or were never asked one for: gone with the server.
 */
#include "daemon/base/log-event.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/trustpoint-keys.h"
#include "daemon/flow/trustpoint-serving.h"

static bool is_the_servers(const struct trustpoint_turn *turn, const struct token_key *key)
{
	return key->present && key->role == trustpoint_key_role(turn) &&
	       conf_key_is_called(key->label, conf_server_key_label(turn->server->conf)) &&
	       span_equal(span_of(key->issuer), trustpoint_key_issuer(turn));
}

/* Whether something that is recorded has it: another trustpoint, a generation, an exchange. */
static bool is_used(struct trustpoint_turn *turn, const struct token_key *key)
{
	uint8_t key_sha256[SHA256_SIZE];
	unsigned users = 0;

	sha256(span_of(key->spki), key_sha256);
	return store_trustpoint_key_users(turn->flow->store, turn->conf->name,
					  SPAN_ARRAY(key_sha256), &users) < 0 ||
	       users;
}

/* The first on this token from @position on; false where there is none more. */
static bool find_left(struct trustpoint_turn *turn, struct token_link *token, unsigned *position,
		      struct token_key *ret)
{
	for (;; (*position)++) {
		_cleanup_(token_key_done) struct token_key key = {};

		if (token_link_key(token, *position, &key))
			return false;
		if (!is_the_servers(turn, &key) || is_used(turn, &key))
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

	for (size_t i = 0; i < conf->n_tokens; i++) {
		struct token_link *token = turn->flow->tokens[i];
		unsigned position = 0;

		for (;;) {
			_cleanup_(token_key_done) struct token_key key = {};
			uint8_t key_sha256[SHA256_SIZE];
			int r;

			if (!find_left(turn, token, &position, &key))
				break;
			sha256(span_of(key.spki), key_sha256);
			r = token_link_destroy(token, SPAN_ARRAY(key_sha256), NULL);
			tell(turn, &key, conf->tokens[i].name, r);
			/* Those behind one that is gone move up. */
			position += r != 0;
		}
	}
}
