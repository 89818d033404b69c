/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of keys after their certificates: renamed, destroyed. */
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-key.h"
#include "daemon/flow/trustpoint/keys.h"
#include <string.h>

static int audit_key(struct trustpoint_turn *turn, struct store_trustpoint_change *change,
		     const char *what, const struct ca_key_place *place)
{
	_cleanup_(freep) char *note = NULL;
	struct trustpoint_act act = {.type = AUDIT_TRUSTPOINT_KEY};
	int r = text_format(&note, "key '%s' on token %s was %s", place->label, place->token, what);

	act.note = note;
	return r < 0 ? r : trustpoint_commit(turn, change, &act);
}

static int relabel(struct trustpoint_turn *turn, const struct ca_key_place *place,
		   const char *label)
{
	struct token_link *token = flow_find_token(turn->flow, place->token);
	int r = token ? token_link_relabel(token, SPAN_ARRAY(place->key_sha256), label)
		      : TOKEN_LINK_LATER;

	if (r == TOKEN_LINK_LATER)
		return FLOW_LATER;
	if (r)
		log_warning(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name),
				       log_text("TOKEN", place->token), log_number("RESULT", r)),
			    "the token does not let the key '%s' be called '%s': it keeps its "
			    "label, which does no harm",
			    place->label, label);
	else
		log_notice(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name),
				      log_text("TOKEN", place->token)),
			   "key '%s' is called '%s' from now on", place->label, label);
	return 0;
}

/* Whether another pair on its token is called so: one that other trustpoints have too. */
static int is_label_taken(struct trustpoint_turn *turn, const struct ca_key_place *place,
			  const char *label, bool *ret)
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
		*ret = key.present && !strcmp(key.label, label) &&
		       !span_equal(span_of(key.spki), span_of(place->spki));
	}
	return 0;
}

static int keep_label(struct trustpoint_turn *turn, struct store_trustpoint_change *change,
		      const struct ca_key_place *place)
{
	log_warning(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name),
			       log_text("TOKEN", place->token)),
		    "the key '%s' keeps its label, as another pair has the one without the mark",
		    place->label);
	return audit_key(turn, change, "left with its label", place);
}

int trustpoint_relabel_key(struct trustpoint_turn *turn, int64_t identity)
{
	const struct ca_identity_record *found = ca_identity_find(&turn->state, identity);
	_cleanup_(ca_identity_record_done) struct ca_identity_record record = {};
	struct store_trustpoint_change change = {.identity = &record};
	bool is_taken = false;
	int r;

	if (!found || found->relabelled_s)
		return 0;
	r = trustpoint_identity_copy(found, &record);
	if (r < 0)
		return r;
	record.key.label[conf_key_plain_label(span_of_text(record.key.label)).size] = '\0';
	record.relabelled_s = turn->now_s;
	r = is_label_taken(turn, &found->key, record.key.label, &is_taken);
	if (!r && is_taken)
		r = trustpoint_text_set(&record.key.label, found->key.label);
	if (r || is_taken)
		return r ? r : keep_label(turn, &change, &record.key);
	r = relabel(turn, &found->key, record.key.label);
	crash_here(CRASH_TRUSTPOINT_RELABELLED);
	return r ? r : audit_key(turn, &change, "renamed so", &record.key);
}

/* Whether a key serves something else than this identity or enrolment, here or elsewhere. */
static int is_key_shared(struct trustpoint_turn *turn, const struct ca_key_place *place,
			 const void *but, bool *ret)
{
	const struct ca_trustpoint_state *state = &turn->state;
	struct span key = SPAN_ARRAY(place->key_sha256);
	unsigned users = 0;
	int r = store_trustpoint_key_users(turn->flow->store, turn->conf->name, key, &users);

	for (size_t i = 0; i < state->n_identities; i++)
		users += &state->identities[i] != but && !state->identities[i].key_destroyed_s &&
			 span_equal(SPAN_ARRAY(state->identities[i].key.key_sha256), key);
	for (size_t i = 0; i < state->n_enrollments; i++)
		users += &state->enrollments[i] != but &&
			 span_equal(SPAN_ARRAY(state->enrollments[i].key.key_sha256), key);
	*ret = users > 0;
	return r;
}

static int destroy(struct trustpoint_turn *turn, const struct ca_key_place *place)
{
	_cleanup_(freep) char *reason = NULL;
	struct token_link *token = flow_find_token(turn->flow, place->token);
	int r = token ? token_link_destroy(token, SPAN_ARRAY(place->key_sha256), &reason)
		      : TOKEN_LINK_LATER;

	if (!r)
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_TRUSTPOINT_KEY_DESTROYED),
				      log_text("TRUSTPOINT", turn->conf->name),
				      log_text("KEY", place->label),
				      log_text("TOKEN", place->token)),
			   "the former key '%s' was destroyed", place->label);
	return r == -ENOENT ? 0 : r > 0 ? FLOW_LATER : r;
}

int trustpoint_destroy_key(struct trustpoint_turn *turn, int64_t identity)
{
	const struct ca_identity_record *found = ca_identity_find(&turn->state, identity);
	_cleanup_(ca_identity_record_done) struct ca_identity_record record = {};
	struct store_trustpoint_change change = {.identity = &record};
	bool is_shared;
	int r;

	if (!found || found->key_destroyed_s)
		return 0;
	r = is_key_shared(turn, &found->key, found, &is_shared);
	if (r || is_shared)
		return r ? r : FLOW_LATER;
	r = trustpoint_identity_copy(found, &record);
	if (r >= 0)
		r = destroy(turn, &found->key);
	if (r)
		return r;
	crash_here(CRASH_TRUSTPOINT_DESTROYED);
	record.key_destroyed_s = turn->now_s;
	r = audit_key(turn, &change, "destroyed", &record.key);
	if (!r && !turn->server)
		trustpoint_drop_left_keys(turn);
	return r;
}

void trustpoint_drop_key(struct trustpoint_turn *turn,
			 const struct ca_enrollment_record *enrollment)
{
	bool is_shared = true;
	int r = 0;

	if (!enrollment->key_is_new)
		return;
	if (!is_key_shared(turn, &enrollment->key, enrollment, &is_shared) && !is_shared)
		r = destroy(turn, &enrollment->key);
	if (r)
		log_warning(LOG_FIELDS(log_text("TRUSTPOINT", turn->conf->name),
				       log_text("TOKEN", enrollment->key.token),
				       log_number("RESULT", r)),
			    "the key '%s', which got no certificate, could not be destroyed: the "
			    "next enrolment takes it up",
			    enrollment->key.label);
}
