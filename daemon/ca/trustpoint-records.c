/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/trustpoint-records.h"
#include <stdlib.h>

const char *ca_trustpoint_halt_name(enum ca_trustpoint_halt halt)
{
	static const char *const names[] = {"", "rejected", "stranger", "exhausted"};

	return (size_t)halt < ELEMENTS(names) ? names[halt] : "unknown";
}

const char *ca_enrollment_state_name(enum ca_enrollment_state state)
{
	static const char *const names[] = {"", "made", "pending", "by-hand"};

	return (size_t)state < ELEMENTS(names) ? names[state] : "unknown";
}

void ca_trustpoint_record_done(struct ca_trustpoint_record *record)
{
	free(record->name);
	free(record->halt_reason);
	free(record->failure);
	*record = (struct ca_trustpoint_record){};
}

void ca_anchor_record_done(struct ca_anchor_record *record)
{
	bytes_done(&record->certificate);
	bytes_done(&record->others);
	*record = (struct ca_anchor_record){};
}

void ca_identity_record_done(struct ca_identity_record *record)
{
	ca_key_place_done(&record->key);
	bytes_done(&record->certificate);
	*record = (struct ca_identity_record){};
}

void ca_enrollment_record_done(struct ca_enrollment_record *record)
{
	ca_key_place_done(&record->key);
	bytes_done(&record->signer);
	bytes_done(&record->message);
	bytes_done(&record->transaction_id);
	bytes_done(&record->sender_nonce);
	bytes_done(&record->subject);
	free(record->told);
	*record = (struct ca_enrollment_record){};
}

void ca_trustpoint_state_done(struct ca_trustpoint_state *state)
{
	ca_trustpoint_record_done(&state->record);
	for (size_t i = 0; i < state->n_anchors; i++)
		ca_anchor_record_done(&state->anchors[i]);
	for (size_t i = 0; i < state->n_identities; i++)
		ca_identity_record_done(&state->identities[i]);
	for (size_t i = 0; i < state->n_enrollments; i++)
		ca_enrollment_record_done(&state->enrollments[i]);
	free(state->anchors);
	free(state->identities);
	free(state->enrollments);
	*state = (struct ca_trustpoint_state){};
}

/* Whether what takes over at @a_s with the id @a comes after the other. */
static bool is_later(int64_t a_s, int64_t a, int64_t b_s, int64_t b)
{
	return a_s > b_s || (a_s == b_s && a > b);
}

const struct ca_anchor_record *ca_anchor_active(const struct ca_trustpoint_state *state,
						int64_t now_s)
{
	const struct ca_anchor_record *found = NULL;

	for (size_t i = 0; i < state->n_anchors; i++) {
		const struct ca_anchor_record *each = &state->anchors[i];
		if (each->takes_over_s <= now_s &&
		    (!found ||
		     is_later(each->takes_over_s, each->id, found->takes_over_s, found->id)))
			found = each;
	}
	return found;
}

const struct ca_identity_record *ca_identity_active(const struct ca_trustpoint_state *state,
						    int usage, int64_t now_s)
{
	const struct ca_identity_record *found = NULL;

	for (size_t i = 0; i < state->n_identities; i++) {
		const struct ca_identity_record *each = &state->identities[i];
		if (each->usage == usage && each->takes_over_s <= now_s &&
		    (!found ||
		     is_later(each->takes_over_s, each->id, found->takes_over_s, found->id)))
			found = each;
	}
	return found;
}

const struct ca_anchor_record *ca_anchor_next(const struct ca_trustpoint_state *state,
					      int64_t now_s)
{
	for (size_t i = state->n_anchors; i-- > 0;)
		if (state->anchors[i].takes_over_s > now_s)
			return &state->anchors[i];
	return NULL;
}

const struct ca_identity_record *ca_identity_next(const struct ca_trustpoint_state *state,
						  int usage, int64_t now_s)
{
	for (size_t i = state->n_identities; i-- > 0;)
		if (state->identities[i].usage == usage &&
		    state->identities[i].takes_over_s > now_s)
			return &state->identities[i];
	return NULL;
}

const struct ca_anchor_record *ca_anchor_find(const struct ca_trustpoint_state *state, int64_t id)
{
	for (size_t i = 0; i < state->n_anchors; i++)
		if (state->anchors[i].id == id)
			return &state->anchors[i];
	return NULL;
}

const struct ca_identity_record *ca_identity_find(const struct ca_trustpoint_state *state,
						  int64_t id)
{
	for (size_t i = 0; i < state->n_identities; i++)
		if (state->identities[i].id == id)
			return &state->identities[i];
	return NULL;
}

const struct ca_enrollment_record *ca_enrollment_of(const struct ca_trustpoint_state *state,
						    int usage)
{
	for (size_t i = 0; i < state->n_enrollments; i++)
		if (state->enrollments[i].usage == usage)
			return &state->enrollments[i];
	return NULL;
}
