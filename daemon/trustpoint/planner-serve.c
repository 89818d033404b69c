/* SPDX-License-Identifier: Apache-2.0 */
/* When what succeeds a server's own certificate is asked for. */
#include "daemon/trustpoint/line.h"
#include "daemon/trustpoint/planner-internal.h"

static int64_t later(int64_t a_s, int64_t b_s)
{
	return a_s > b_s ? a_s : b_s;
}

/* A wish of the time before it took over was overtaken; one that has a successor has its wish. */
static bool is_wished(const struct moment *m, const struct ca_identity_record *identity)
{
	return m->policy->wish_s && m->policy->wish_s >= identity->takes_over_s &&
	       identity == ca_identity_active(m->state, identity->usage, m->now_s);
}

int64_t trustpoint_successor_s(const struct moment *m, const struct ca_identity_record *identity)
{
	const struct trustpoint_policy *policy = m->policy;
	int64_t end_s = trustpoint_line_end_s(m->state, identity), when_s;

	if (policy->is_stopped)
		return INT64_MAX;
	/* The wish may be of a time that the clock has not reached again. */
	if (is_wished(m, identity))
		return policy->wish_s < m->now_s ? policy->wish_s : m->now_s;
	if (!policy->overlap_s)
		return INT64_MAX;
	when_s = end_s - policy->overlap_s;
	if (policy->cancelled_s >= identity->takes_over_s && policy->cancelled_s < end_s)
		when_s = later(when_s, policy->cancelled_s + (end_s - policy->cancelled_s) / 2);
	return when_s;
}

/* An exchange certificate takes over at once: with an overlap as long as its life it would be
 * renewed without end. */
static int64_t not_before_its_turn(const struct moment *m,
				   const struct ca_identity_record *identity, int64_t when_s)
{
	int64_t left_s = trustpoint_line_end_s(m->state, identity) - identity->takes_over_s;
	int64_t from_s = identity->takes_over_s + (m->policy->is_ca ? 0 : left_s / 2);

	if (when_s == INT64_MAX || is_wished(m, identity))
		return when_s;
	return later(when_s, from_s);
}

int64_t trustpoint_served_renewal_s(const struct moment *m, const struct ca_identity_record *last,
				    bool ends_with_ca)
{
	const struct ca_anchor_record *anchor;

	if (!last)
		return m->now_s;
	if (m->policy->is_stopped)
		return INT64_MAX;
	if (!identity_stands(last, m->now_s))
		return last->not_after_s + 1;
	anchor = ca_anchor_find(m->state, last->anchor_id);
	/* It is of a CA that is to take over: nothing is to be had after that one's turn only. */
	if (anchor && anchor->takes_over_s > m->now_s)
		return INT64_MAX;
	/* Another CA than the one that issued it. */
	if (m->active && last->anchor_id != m->active->id)
		return m->active->takes_over_s;
	if (ends_with_ca)
		return INT64_MAX;
	return not_before_its_turn(m, last, trustpoint_successor_s(m, last));
}
