/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/line.h"

int64_t trustpoint_line_end_s(const struct ca_trustpoint_state *state,
			      const struct ca_identity_record *identity)
{
	const struct ca_anchor_record *anchor = ca_anchor_find(state, identity->anchor_id);

	return anchor && anchor->not_after_s < identity->not_after_s ? anchor->not_after_s
								     : identity->not_after_s;
}

/* The furthest that takes over from @identity without a gap; NULL without. */
static const struct ca_identity_record *follower_of(const struct ca_trustpoint_state *state,
						    const struct ca_identity_record *identity)
{
	const int64_t end_s = trustpoint_line_end_s(state, identity);
	const struct ca_identity_record *found = NULL;

	for (size_t i = 0; i < state->n_identities; i++) {
		const struct ca_identity_record *each = &state->identities[i];
		if (each->usage == identity->usage && each->takes_over_s > identity->takes_over_s &&
		    ca_follows_closely(each->takes_over_s, end_s) &&
		    (!found || each->takes_over_s > found->takes_over_s))
			found = each;
	}
	return found;
}

const struct ca_identity_record *trustpoint_line_last(const struct ca_trustpoint_state *state,
						      int usage, int64_t now_s)
{
	const struct ca_identity_record *last = ca_identity_active(state, usage, now_s), *next;

	while (last && (next = follower_of(state, last)))
		last = next;
	return last;
}

static int64_t later(int64_t a_s, int64_t b_s)
{
	return a_s > b_s ? a_s : b_s;
}

int64_t trustpoint_line_takes_over_s(const struct ca_trustpoint_state *state,
				     const struct trustpoint_newcomer *newcomer, int64_t now_s)
{
	const struct ca_identity_record *last = trustpoint_line_last(state, newcomer->usage, now_s);
	int64_t valid_s =
		later(later(now_s, newcomer->not_before_s), newcomer->anchor->takes_over_s);

	if (!last || !newcomer->is_ca || newcomer->kind == CA_ENROLLMENT_EMERGENCY)
		return valid_s;
	return later(valid_s, trustpoint_line_end_s(state, last));
}
