/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/serving.h"

void trustpoint_key_done(struct trustpoint_key *key)
{
	ca_key_place_done(&key->place);
	key->key = key_unref(key->key);
}

static int find_token(const struct trustpoint_turn *turn, struct trustpoint_token *ret,
		      char **ret_reason)
{
	const char *name = turn->conf->name;

	ret->name = trustpoint_key_token(turn);
	if (!ret->name)
		return trustpoint_refuse(
			ret_reason, FLOW_REFUSED,
			"[Trustpoint %s] has no Token=: set it to the [Token] that has the "
			"key or is to make it",
			name);
	ret->link = flow_find_token(turn->flow, ret->name);
	return ret->link ? 0
			 : trustpoint_refuse(ret_reason, FLOW_REFUSED,
					     "the configuration has no [Token %s], which Token= of "
					     "[Trustpoint %s] names",
					     ret->name, name);
}

static int refuse_token(const struct ca_key_place *place, char **ret_reason)
{
	return trustpoint_refuse(ret_reason, FLOW_REFUSED,
				 "the key '%s' is on token %s, which the configuration has no "
				 "section for",
				 place->label, place->token);
}

/* Of this name, and ready. */
static int await(const char *name, struct token_link *token, struct token_facts *ret,
		 char **ret_reason)
{
	int r = token_link_status(token, ret);

	if (r < 0 || (!r && ret->state == TOKEN_READY))
		return r;
	return trustpoint_refuse(ret_reason, FLOW_LATER, "token %s is not ready: %s", name,
				 r ? "its process does not answer" : ret->reason);
}

int trustpoint_token_await(struct trustpoint_turn *turn, struct trustpoint_token *ret,
			   char **ret_reason)
{
	int r = find_token(turn, ret, ret_reason);

	return r ? r : await(ret->name, ret->link, &ret->facts, ret_reason);
}

int trustpoint_key_await(struct trustpoint_turn *turn, const struct ca_key_place *place,
			 char **ret_reason)
{
	struct trustpoint_token token = {};

	if (!place)
		return trustpoint_token_await(turn, &token, ret_reason);
	token.link = flow_find_token(turn->flow, place->token);
	return token.link ? await(place->token, token.link, &token.facts, ret_reason)
			  : refuse_token(place, ret_reason);
}

int trustpoint_key_is_there(struct trustpoint_turn *turn, const struct ca_key_place *place,
			    bool *ret)
{
	struct token_link *token = flow_find_token(turn->flow, place->token);

	*ret = false;
	for (unsigned position = 0; token && !*ret; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r == TOKEN_LINK_NO_KEY)
			return 0;
		if (r)
			return r < 0 ? r : FLOW_LATER;
		*ret = key.present && span_equal(span_of(key.spki), span_of(place->spki));
	}
	return 0;
}

int trustpoint_key_open(struct trustpoint_turn *turn, const struct ca_key_place *place,
			struct key **ret, char **ret_reason)
{
	struct token_link *token = flow_find_token(turn->flow, place->token);

	return token ? key_new_token(token, span_of(place->spki), ret)
		     : refuse_token(place, ret_reason);
}

/* NULL where its identity is gone. */
static const struct ca_key_place *signer_place(const struct trustpoint_turn *turn,
					       const struct ca_enrollment_record *enrollment)
{
	const struct ca_identity_record *identity;

	if (!enrollment->signer_id)
		return &enrollment->key;
	identity = ca_identity_find(&turn->state, enrollment->signer_id);
	return identity ? &identity->key : NULL;
}

int trustpoint_signer_open(struct trustpoint_turn *turn,
			   const struct ca_enrollment_record *enrollment, struct key **ret,
			   const struct ca_key_place **ret_place, char **ret_reason)
{
	*ret_place = signer_place(turn, enrollment);
	return *ret_place ? trustpoint_key_open(turn, *ret_place, ret, ret_reason)
			  : trustpoint_refuse(ret_reason, FLOW_REFUSED,
					      "the identity that asked is gone");
}

int trustpoint_key_explain(const struct ca_key_place *place, int result, char **ret_reason)
{
	if (result == -ENOENT)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "key '%s' is not on token %s any more", place->label,
					 place->token);
	if (result == -EKEYREJECTED)
		return trustpoint_refuse(
			ret_reason, FLOW_REFUSED,
			"the charter of key '%s' on token %s forbids it; the log of "
			"claviger-token@%s says which rule",
			place->label, place->token, place->token);
	if (result == FLOW_LATER)
		return trustpoint_refuse(ret_reason, FLOW_LATER, "token %s is away", place->token);
	return result;
}
