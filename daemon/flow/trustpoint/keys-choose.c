/* SPDX-License-Identifier: Apache-2.0 */
/* The key for a new certificate: found on its token, or made there. */
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/trustpoint/copy.h"
#include "daemon/flow/trustpoint/keys-choice.h"
#include "daemon/flow/trustpoint/serving.h"
#include "daemon/ipc/keys.h"
#include <stdlib.h>
#include <string.h>

#define BITS_WISHED 3072 /* where the token can and nothing else is said */
#define BITS_LEAST  2048

static void choice_done(struct key_choice *choice)
{
	free(choice->base);
	free(choice->label);
}

/* As the configuration calls it, without marks. */
static int name_pair(struct key_choice *choice)
{
	const struct conf_trustpoint *conf = choice->turn->conf;

	return text_format(&choice->base, "%s%s", conf->key ? conf->key : conf->name,
			   choice->order->usage == KEY_USAGE_ENCRYPTION ? "-encr" : "");
}

static bool is_there(const struct key_choice *choice, const struct ca_identity_record *identity)
{
	return !identity->key_destroyed_s && !strcmp(identity->key.token, choice->token.name);
}

static bool is_label_used(const struct key_choice *choice, const char *label)
{
	const struct ca_trustpoint_state *state = &choice->turn->state;

	for (size_t i = 0; i < state->n_identities; i++)
		if (is_there(choice, &state->identities[i]) &&
		    !strcmp(state->identities[i].key.label, label))
			return true;
	return false;
}

int key_choice_name(struct key_choice *choice, int marks)
{
	static const char all[KEY_CHOICE_MARKS_MOST + 1] = "########";

	free(choice->label);
	choice->label = NULL;
	return text_format(&choice->label, "%s%.*s", choice->base, marks, all);
}

/* With as many marks as no pair in use has. */
static int name_new_pair(struct key_choice *choice)
{
	for (int n = 0; n <= KEY_CHOICE_MARKS_MOST; n++) {
		int r = key_choice_name(choice, n);

		if (r < 0)
			return r;
		if (!choice->order->regenerate || !is_label_used(choice, choice->label))
			return 0;
	}
	return -EBUSY;
}

bool key_choice_is_used(const struct ca_trustpoint_state *state, struct span spki)
{
	for (size_t i = 0; i < state->n_identities; i++)
		if (span_equal(span_of(state->identities[i].key.spki), spki))
			return true;
	return false;
}

static bool is_marked(const struct key_choice *choice)
{
	return strcmp(choice->label, choice->base) != 0;
}

static bool fits(const struct key_choice *choice, const struct token_key *key)
{
	return key->role == trustpoint_key_role(choice->turn) && key->present &&
	       !strcmp(key->label, choice->label) &&
	       span_equal(span_of(key->issuer), trustpoint_key_issuer(choice->turn)) &&
	       !(is_marked(choice) && key_choice_is_used(&choice->turn->state, span_of(key->spki)));
}

/* How many fit; the first of them. */
static int find_on_token(const struct key_choice *choice, struct token_key *ret, unsigned *ret_n)
{
	*ret_n = 0;
	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(choice->token.link, position, &key);

		if (r)
			return r == TOKEN_LINK_NO_KEY ? 0 : r;
		if (fits(choice, &key) && ++*ret_n == 1)
			*ret = TAKE_STRUCT(key);
	}
}

static unsigned choose_bits(const struct key_choice *choice)
{
	unsigned bits = trustpoint_key_size(choice->turn);

	if (bits)
		return bits;
	return choice->token.facts.most_bits >= BITS_WISHED ? BITS_WISHED : BITS_LEAST;
}

/* As servers' keys are told of. */
static void tell_missing(const struct key_choice *choice, unsigned bits)
{
	if (choice->turn->server)
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_KEY_MISSING),
				      log_text("SERVER", choice->turn->conf->name),
				      log_text("KEY", choice->label),
				      log_text("TOKEN", choice->token.name),
				      log_number("BITS", bits)),
			   "key '%s' does not exist; generated automatically on the token",
			   choice->label);
}

static void tell_made(const struct key_choice *choice, unsigned bits)
{
	if (choice->turn->server) {
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_KEY_GENERATED),
				      log_text("SERVER", choice->turn->conf->name),
				      log_text("KEY", choice->label),
				      log_text("TOKEN", choice->token.name)),
			   "key '%s' generated", choice->label);
		return;
	}
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_KEY_MADE),
			      log_text("TRUSTPOINT", choice->turn->conf->name),
			      log_text("KEY", choice->label), log_text("TOKEN", choice->token.name),
			      log_number("BITS", bits)),
		   "key '%s' was made on the token", choice->label);
}

/* The pair that this one succeeds, whose usage and exportability it gets; empty where there is none
 * any more: of a pair that is gone nobody can say what it might. */
static int find_former(const struct key_choice *choice, struct span *ret)
{
	struct trustpoint_turn *turn = choice->turn;
	const struct ca_identity_record *before =
		ca_identity_active(&turn->state, choice->order->usage, turn->now_s);
	bool stands = false;
	int r = 0;

	if (before && is_there(choice, before))
		r = trustpoint_key_is_there(turn, &before->key, &stands);
	*ret = stands ? SPAN_ARRAY(before->key.key_sha256) : (struct span){};
	return r;
}

int key_choice_make(const struct key_choice *choice, struct span like, struct token_key *ret,
		    char **ret_reason)
{
	const struct token_order order = {
		.role = trustpoint_key_role(choice->turn),
		.issuer = trustpoint_key_issuer(choice->turn),
		.bits = choose_bits(choice),
		.label = choice->label,
		.like = like,
	};
	int r;

	tell_missing(choice, order.bits);
	r = token_link_make(choice->token.link, &order, ret, ret_reason);
	if (!r)
		tell_made(choice, order.bits);
	crash_here(CRASH_TRUSTPOINT_KEY);
	return r == TOKEN_LINK_LATER ? FLOW_LATER : r > 0 ? FLOW_REFUSED : r;
}

int key_choice_take(const struct key_choice *choice, const struct token_key *found,
		    struct trustpoint_key *ret)
{
	struct ca_key_place *place = &ret->place;
	int r = trustpoint_text_set(&place->token, choice->token.name);

	if (r >= 0)
		r = trustpoint_text_set(&place->token_serial, choice->token.facts.serial);
	if (r >= 0)
		r = trustpoint_text_set(&place->label, choice->label);
	if (r >= 0)
		r = bytes_copy(span_of(found->spki), &place->spki);
	if (r >= 0)
		r = key_new_token(choice->token.link, span_of(found->spki), &ret->key);
	sha256(span_of(found->spki), place->key_sha256);
	return r;
}

static int refuse_choice(const struct key_choice *choice, unsigned n, char **ret_reason)
{
	return trustpoint_refuse(
		ret_reason, FLOW_REFUSED,
		"token %s has %u keys with the label '%s', and it is not known which is meant: "
		"set Key= of [Trustpoint %s] to another label, or remove those that are not "
		"needed with claviger key zeroize",
		choice->token.name, n, choice->label, choice->turn->conf->name);
}

static int find_or_make(const struct key_choice *choice, struct trustpoint_key *ret,
			char **ret_reason)
{
	/* Two trustpoints that share a pair make one. */
	_cleanup_(claim_releasep) pthread_mutex_t *claim =
		claim_take(choice->turn->flow->claims, CLAIM_KEY, span_of_text(choice->label));
	_cleanup_(token_key_done) struct token_key key = {};
	struct span former = {};
	unsigned n;
	int r = find_on_token(choice, &key, &n);

	if (!r && !n && !choice->turn->server)
		r = find_former(choice, &former);
	if (r)
		return r < 0 ? r
			     : trustpoint_refuse(ret_reason, FLOW_LATER, "token %s does not answer",
						 choice->token.name);
	if (n > 1 && !is_marked(choice))
		return refuse_choice(choice, n, ret_reason);
	if (!n)
		r = key_choice_make(choice, former, &key, ret_reason);
	if (r)
		return r;
	/* Only we put a mark to a label. */
	ret->is_new = !n || is_marked(choice);
	if (n && !key.decrypts)
		return trustpoint_refuse(
			ret_reason, FLOW_REFUSED,
			"key '%s' on token %s was made to sign alone, and a CA's answers are "
			"enveloped to it: set Key= of [Trustpoint %s] to another label",
			choice->label, choice->token.name, choice->turn->conf->name);
	return key_choice_take(choice, &key, ret);
}

/* The pair of the identity in force, where the configuration still means it; NULL. */
static const struct ca_identity_record *find_own(const struct key_choice *choice)
{
	const struct ca_identity_record *active =
		ca_identity_active(&choice->turn->state, choice->order->usage, choice->turn->now_s);

	return active && !choice->order->regenerate && is_there(choice, active) &&
			       conf_key_is_called(active->key.label, choice->base)
		       ? active
		       : NULL;
}

/* One that was lost is no reason to ask in its name for ever: another is made. */
static int take_own(const struct key_choice *choice, const struct ca_identity_record *own,
		    struct trustpoint_key *ret, bool *ret_taken)
{
	int r = trustpoint_key_is_there(choice->turn, &own->key, ret_taken);

	if (r || !*ret_taken)
		return r;
	r = trustpoint_place_copy(&own->key, &ret->place);
	return r < 0 ? r : key_new_token(choice->token.link, span_of(own->key.spki), &ret->key);
}

int trustpoint_key_choose(struct trustpoint_turn *turn, const struct trustpoint_key_order *order,
			  struct trustpoint_key *ret, char **ret_reason)
{
	_cleanup_(choice_done) struct key_choice choice = {.turn = turn, .order = order};
	const struct ca_identity_record *own;
	bool taken = false;
	int r = trustpoint_token_await(turn, &choice.token, ret_reason);

	if (!r)
		r = name_pair(&choice);
	if (r)
		return r;
	if (turn->server)
		return key_choice_serve(&choice, ret, ret_reason);
	own = find_own(&choice);
	if (own)
		r = take_own(&choice, own, ret, &taken);
	if (r || taken)
		return r;
	r = name_new_pair(&choice);
	return r < 0 ? r : find_or_make(&choice, ret, ret_reason);
}
