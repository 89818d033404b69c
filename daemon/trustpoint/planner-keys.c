/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of anchors, identities and their keys once others take over. */
#include "daemon/trustpoint/planner-internal.h"
#include <string.h>

bool trustpoint_when_anchor_changes_over(const struct moment *m, const struct topic *topic,
					 struct trustpoint_plan *ret)
{
	(void)m;
	ret->when_s = topic->anchor->takes_over_s;
	return !topic->anchor->changed_over_s;
}

bool trustpoint_when_identity_changes_over(const struct moment *m, const struct topic *topic,
					   struct trustpoint_plan *ret)
{
	(void)m;
	ret->when_s = topic->identity->takes_over_s;
	return !topic->identity->changed_over_s;
}

bool trustpoint_when_export(const struct moment *m, const struct topic *topic,
			    struct trustpoint_plan *ret)
{
	(void)topic;
	ret->when_s = m->now_s;
	return m->policy->export_due;
}

static bool comes_after(const struct ca_identity_record *a, const struct ca_identity_record *b)
{
	return a->takes_over_s > b->takes_over_s ||
	       (a->takes_over_s == b->takes_over_s && a->id > b->id);
}

/* The one that took over from @identity, also where others did from that one since; NULL where none
 * did yet. */
static const struct ca_identity_record *successor_of(const struct moment *m,
						     const struct ca_identity_record *identity)
{
	const struct ca_identity_record *found = NULL;

	for (size_t i = 0; i < m->state->n_identities; i++) {
		const struct ca_identity_record *each = &m->state->identities[i];
		if (each->usage == identity->usage && each->takes_over_s <= m->now_s &&
		    comes_after(each, identity) && (!found || comes_after(found, each)))
			found = each;
	}
	return found;
}

/* Whether its key opens the answer to an enrolment that is under way. */
static bool awaits_answer(const struct moment *m, const struct ca_identity_record *identity)
{
	for (size_t i = 0; i < m->state->n_enrollments; i++)
		if (m->state->enrollments[i].signer_id == identity->id)
			return true;
	return false;
}

static bool is_same_key(const struct ca_key_place *a, const struct ca_key_place *b)
{
	return !memcmp(a->key_sha256, b->key_sha256, sizeof(a->key_sha256));
}

static bool is_shared(const struct moment *m, const struct ca_identity_record *identity)
{
	const struct trustpoint_facts *facts = m->facts;

	for (size_t i = 0; i < facts->n_shared_keys; i++)
		if (facts->shared_keys[i] == identity->id)
			return true;
	return false;
}

/* Another record of this trustpoint has the key: it is that one's to destroy. */
static bool is_held(const struct moment *m, const struct ca_identity_record *identity)
{
	for (size_t i = 0; i < m->state->n_identities; i++) {
		const struct ca_identity_record *other = &m->state->identities[i];
		if (other != identity && !other->key_destroyed_s &&
		    is_same_key(&other->key, &identity->key))
			return true;
	}
	for (size_t i = 0; i < m->state->n_enrollments; i++)
		if (is_same_key(&m->state->enrollments[i].key, &identity->key))
			return true;
	return false;
}

/* Nothing is done before its successor's taking over is recorded. */
static bool is_left_behind(const struct moment *m, const struct ca_identity_record *identity,
			   int64_t *ret_when_s)
{
	const struct ca_identity_record *successor = successor_of(m, identity);
	int64_t grace_s;

	if (!successor || !successor->changed_over_s || awaits_answer(m, identity))
		return false;
	grace_s = (successor->not_after_s - successor->not_before_s) / 10;
	if (grace_s > TRUSTPOINT_KEY_GRACE_S)
		grace_s = TRUSTPOINT_KEY_GRACE_S;
	*ret_when_s = successor->takes_over_s + grace_s;
	return true;
}

/* Files that were not written yet name it, and it is still worth something. */
static bool is_in_files(const struct moment *m, const struct ca_identity_record *identity)
{
	return m->policy->export_due && identity_stands(identity, m->now_s);
}

/* Programs that were not reloaded go on with the old pair, which nobody believes after the end of
 * its certificate. */
static int64_t free_of_programs_s(const struct moment *m, const struct ca_identity_record *identity)
{
	const struct trustpoint_facts *facts = m->facts;
	int64_t until_s = INT64_MIN;

	for (size_t i = 0; i < facts->n_key_uses; i++)
		if (facts->key_uses[i].id == identity->id)
			until_s = facts->key_uses[i].last_s + TRUSTPOINT_KEY_GRACE_S;
	return until_s < identity->not_after_s ? until_s : identity->not_after_s;
}

bool trustpoint_when_destroy(const struct moment *m, const struct topic *topic,
			     struct trustpoint_plan *ret)
{
	const struct ca_identity_record *identity = topic->identity;

	int64_t free_s = free_of_programs_s(m, identity);

	if (m->policy->serves || is_in_files(m, identity) || identity->key_destroyed_s ||
	    is_shared(m, identity) || is_held(m, identity) ||
	    !is_left_behind(m, identity, &ret->when_s))
		return false;
	if (ret->when_s < free_s)
		ret->when_s = free_s;
	return true;
}

bool trustpoint_when_identity_forgotten(const struct moment *m, const struct topic *topic,
					struct trustpoint_plan *ret)
{
	const struct ca_identity_record *identity = topic->identity;

	if (!m->policy->serves && !identity->key_destroyed_s && !is_shared(m, identity) &&
	    !is_held(m, identity))
		return false;
	return is_left_behind(m, identity, &ret->when_s);
}

/* The pair before stands under the label without the `#`; or one that takes over later and has it
 * already, as the clock was set back. */
static bool has_label(const struct moment *m, const struct ca_identity_record *other)
{
	return !other->key_destroyed_s && (other->takes_over_s <= m->now_s || other->relabelled_s);
}

bool trustpoint_when_relabel(const struct moment *m, const struct topic *topic,
			     struct trustpoint_plan *ret)
{
	const struct ca_identity_record *identity = topic->identity;

	if (m->policy->serves || identity->relabelled_s || identity->key_destroyed_s ||
	    identity != ca_identity_active(m->state, identity->usage, m->now_s))
		return false;
	for (size_t i = 0; i < m->state->n_identities; i++) {
		const struct ca_identity_record *other = &m->state->identities[i];
		if (other != identity && other->usage == identity->usage && has_label(m, other) &&
		    !is_same_key(&other->key, &identity->key))
			return false;
	}
	ret->when_s = identity->takes_over_s;
	return true;
}

static bool is_referred_to(const struct moment *m, const struct ca_anchor_record *anchor)
{
	for (size_t i = 0; i < m->state->n_identities; i++)
		if (m->state->identities[i].anchor_id == anchor->id)
			return true;
	for (size_t i = 0; i < m->state->n_enrollments; i++)
		if (m->state->enrollments[i].anchor_id == anchor->id)
			return true;
	return false;
}

bool trustpoint_when_anchor_forgotten(const struct moment *m, const struct topic *topic,
				      struct trustpoint_plan *ret)
{
	const struct ca_anchor_record *anchor = topic->anchor;

	if (!m->active || !m->active->changed_over_s || anchor == m->active ||
	    anchor->takes_over_s > m->now_s || is_referred_to(m, anchor))
		return false;
	ret->when_s = m->active->takes_over_s;
	return true;
}

/* Nothing records that it was noticed, so it must not stay due. */
bool trustpoint_when_ends(const struct moment *m, const struct topic *topic,
			  struct trustpoint_plan *ret)
{
	ret->when_s = topic->identity->not_after_s;
	return topic->identity == ca_identity_active(m->state, topic->usage, m->now_s) &&
	       topic->identity->not_after_s > m->now_s;
}
