/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a server's next certificate: its label tells which, the database who has it. */
#include "daemon/base/files.h"
#include "daemon/flow/trustpoint/keys-choice.h"
#include "daemon/flow/trustpoint/serving.h"
#include <string.h>

/* Whether a generation, an exchange or an identity, whoever's, has the key. */
static int is_taken(const struct key_choice *choice, const struct token_key *key, bool *ret)
{
	uint8_t sha256_of_key[SHA256_SIZE];
	unsigned users = 0;
	int r;

	sha256(span_of(key->spki), sha256_of_key);
	r = store_trustpoint_key_users(choice->turn->flow->store, choice->turn->conf->name,
				       SPAN_ARRAY(sha256_of_key), &users);
	*ret = users || key_choice_is_used(&choice->turn->state, span_of(key->spki));
	return r;
}

/* The first with this label that nothing has yet, as a try that was interrupted leaves it, or an
 * operator made it; *ret_held: another has the label. */
static int find_free(const struct key_choice *choice, struct token_key *ret, bool *ret_held)
{
	*ret_held = false;
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		bool taken;
		int r = token_link_key(choice->token.link, position, &key);

		if (r)
			return r;
		if (!key.present || strcmp(key.label, choice->label) != 0)
			continue;
		r = is_taken(choice, &key, &taken);
		if (r < 0)
			return r;
		if (!taken && key.role == trustpoint_key_role(choice->turn) &&
		    span_equal(span_of(key.issuer), trustpoint_key_issuer(choice->turn))) {
			*ret = TAKE_STRUCT(key);
			return 0;
		}
		*ret_held = true;
	}
}

/* What bears the label now and what is free tells the token, for the server renames its keys. */
static int choose_marked(struct key_choice *choice, struct trustpoint_key *ret, bool *ret_held,
			 char **ret_reason)
{
	_cleanup_(token_key_done) struct token_key key = {};
	int r = find_free(choice, &key, ret_held);

	if (r > 0 && r != TOKEN_LINK_NO_KEY)
		return trustpoint_refuse(ret_reason, FLOW_LATER, "token %s does not answer",
					 choice->token.name);
	if (r < 0 || (r && *ret_held))
		return r < 0 ? r : 0;
	*ret_held = false;
	if (r) {
		r = key_choice_make(choice, (struct span){}, &key, ret_reason);
		ret->is_new = true;
	}
	return r ? r : key_choice_take(choice, &key, ret);
}

int key_choice_serve(struct key_choice *choice, struct trustpoint_key *ret, char **ret_reason)
{
	/* A successor has a mark from the first, as a shadow's key does. */
	for (int n = choice->turn->state.n_identities ? 1 : 0; n <= KEY_CHOICE_MARKS_MOST; n++) {
		_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
		bool held;
		int r = key_choice_name(choice, n);

		if (r < 0)
			return r;
		claim = claim_take(choice->turn->flow->claims, CLAIM_KEY,
				   span_of_text(choice->label));
		r = choose_marked(choice, ret, &held, ret_reason);
		if (r || !held)
			return r;
	}
	return -EBUSY;
}
