/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/clear.h"
#include "daemon/base/log.h"
#include "daemon/flow/trustpoint/files.h"
#include "daemon/flow/trustpoint/keys.h"

/* Its keys, each once; borrowed from the turn's state, in the caller's room. */
struct keys {
	const struct ca_key_place **items;
	size_t n;
};

static void add(struct keys *keys, const struct ca_key_place *place)
{
	for (size_t i = 0; i < keys->n; i++)
		if (span_equal(SPAN_ARRAY(keys->items[i]->key_sha256),
			       SPAN_ARRAY(place->key_sha256)))
			return;
	if (place->token && place->spki.size)
		keys->items[keys->n++] = place;
}

static size_t count_most(const struct ca_trustpoint_state *state)
{
	return state->n_identities + state->n_enrollments;
}

/* There is room for count_most(). */
static void gather(const struct ca_trustpoint_state *state, struct keys *ret)
{
	for (size_t i = 0; i < state->n_identities; i++)
		if (!state->identities[i].key_destroyed_s)
			add(ret, &state->identities[i].key);
	for (size_t i = 0; i < state->n_enrollments; i++)
		add(ret, &state->enrollments[i].key);
}

static bool has_server(struct flow *flow, const struct ca_key_place *place)
{
	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		_cleanup_(generations_unrefp) struct generations *generations =
			authority_generations(&flow->authorities[i]);

		for (size_t j = 0; j < generations->n; j++)
			if (span_equal(span_of(generations->records[j].spki), span_of(place->spki)))
				return true;
	}
	return false;
}

/* Of several tokens one may be away: nothing is destroyed before all are there. */
static int await_tokens(struct trustpoint_turn *turn, const struct keys *keys, char **ret_reason)
{
	int r = 0;

	for (size_t i = 0; i < keys->n && r == 0; i++)
		if (flow_find_token(turn->flow, keys->items[i]->token))
			r = trustpoint_key_await(turn, keys->items[i], ret_reason);
	return r;
}

static int destroy(const struct trustpoint_turn *turn, const struct ca_key_place *place,
		   const char **ret_done, char **ret_reason)
{
	struct token_link *token = flow_find_token(turn->flow, place->token);
	unsigned users = 0;
	int r = store_trustpoint_key_users(turn->flow->store, turn->conf->name,
					   SPAN_ARRAY(place->key_sha256), &users);

	*ret_done = "stays: something else has it too";
	if (r < 0 || users || has_server(turn->flow, place))
		return r;
	*ret_done = "stays: the configuration has no section of its token any more";
	if (!token)
		return 0;
	*ret_done = "destroyed";
	r = token_link_destroy(token, SPAN_ARRAY(place->key_sha256), ret_reason);
	if (r == TOKEN_LINK_REFUSED)
		*ret_done = "stays: its token does not let it go (claviger key zeroize)";
	if (r == TOKEN_LINK_LATER)
		return trustpoint_refuse(ret_reason, FLOW_LATER,
					 "token %s is away, and the key '%s' is on it: nothing was "
					 "forgotten",
					 place->token, place->label);
	if (r == -ENOENT)
		*ret_done = "was gone already";
	return r == -ENOENT || r > 0 ? 0 : r;
}

/* What can't be removed is told, and keeps nothing else: its certificate is of no use without its
 * key. */
static int remove_files(const struct trustpoint_turn *turn)
{
	_cleanup_(freep) char *reason = NULL;
	int r = trustpoint_export_remove(turn->conf, &reason);

	if (r > 0)
		log_warning(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name),
				       log_text("REASON", reason)),
			    "exported certificates stay: %s", reason);
	return r;
}

static bool is_created(const struct trustpoint_turn *turn)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(turn->server);

	return generations->created;
}

int trustpoint_clear(struct trustpoint_turn *turn, const char *actor, trustpoint_cleared visit,
		     void *context, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes room = {};
	struct keys keys = {};
	struct store_trustpoint_change change = {.clear = true};
	const struct trustpoint_act act = {.type = AUDIT_TRUSTPOINT_CLEAR, .actor = actor};
	int r = bytes_new((count_most(&turn->state) + 1) * sizeof(*keys.items), &room);

	if (r < 0)
		return r;
	if (turn->server && is_created(turn))
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "it is server %s's own, whose certificates and keys it "
					 "has: claviger server delete %s",
					 turn->conf->name, turn->conf->name);
	keys.items = (const struct ca_key_place **)(void *)room.data;
	gather(&turn->state, &keys);
	r = await_tokens(turn, &keys, ret_reason);
	for (size_t i = 0; i < keys.n && r == 0; i++) {
		const char *done = "";

		r = destroy(turn, keys.items[i], &done, ret_reason);
		if (r == 0)
			r = visit(context, keys.items[i], done);
	}
	if (r || !turn->state.record.id)
		return r;
	r = remove_files(turn);
	return r < 0 ? r : trustpoint_commit(turn, &change, &act);
}
