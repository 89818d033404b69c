/* SPDX-License-Identifier: Apache-2.0 */
/* When enrolments that are under way are sent, polled and given up. */
#include "daemon/trustpoint/enrollment.h"
#include "daemon/trustpoint/planner-internal.h"

/* The CA that was asked was replaced, or is none of ours any more. */
static bool is_orphan(const struct ca_trustpoint_state *state,
		      const struct ca_enrollment_record *enrollment, int64_t now_s)
{
	const struct ca_anchor_record *anchor = ca_anchor_find(state, enrollment->anchor_id);

	return !anchor ||
	       (anchor->takes_over_s <= now_s && anchor != ca_anchor_active(state, now_s));
}

enum trustpoint_event trustpoint_give_up_event(const struct ca_trustpoint_state *state,
					       const struct ca_enrollment_record *enrollment,
					       int64_t now_s)
{
	if (is_orphan(state, enrollment, now_s) ||
	    !anchor_stands(ca_anchor_find(state, enrollment->anchor_id), now_s))
		return TRUSTPOINT_EVENT_CA_ENDED;
	return TRUSTPOINT_EVENT_TIMED_OUT;
}

bool trustpoint_when_enrollment_times_out(const struct moment *m, const struct topic *topic,
					  struct trustpoint_plan *ret)
{
	const struct ca_enrollment_record *enrollment = topic->enrollment;

	if (enrollment->state == CA_ENROLLMENT_BY_HAND)
		return false;
	if (is_orphan(m->state, enrollment, m->now_s)) {
		ret->when_s = m->now_s;
		return true;
	}
	ret->when_s = ca_anchor_find(m->state, enrollment->anchor_id)->not_after_s + 1;
	if (!m->state->record.halt && has_tried_enough(m, enrollment->tries) &&
	    ret->when_s > m->now_s)
		ret->when_s = m->now_s;
	return true;
}

static bool goes_on(const struct moment *m, const struct ca_enrollment_record *enrollment,
		    enum ca_enrollment_state state)
{
	return m->policy->by_scep && !m->state->record.halt && enrollment->state == state &&
	       !has_tried_enough(m, enrollment->tries) && anchor_stands(m->active, m->now_s) &&
	       !is_orphan(m->state, enrollment, m->now_s);
}

bool trustpoint_when_send(const struct moment *m, const struct topic *topic,
			  struct trustpoint_plan *ret)
{
	const struct ca_enrollment_record *enrollment = topic->enrollment;

	ret->when_s = m->now_s;
	if (enrollment->tries)
		ret->when_s = after_pause(
			enrollment->tried_s,
			trustpoint_pause_s(enrollment->tries, m->policy->retry_period_s), m->now_s);
	return goes_on(m, enrollment, CA_ENROLLMENT_MADE);
}

/* The answer that said so counts as the first try: the first poll follows it after a period. */
bool trustpoint_when_poll(const struct moment *m, const struct topic *topic,
			  struct trustpoint_plan *ret)
{
	const struct ca_enrollment_record *enrollment = topic->enrollment;
	int64_t last_s = enrollment->tried_s ? enrollment->tried_s : enrollment->created_s;

	ret->when_s = after_pause(
		last_s, trustpoint_pause_s(enrollment->tries + 1, m->policy->retry_period_s),
		m->now_s);
	return goes_on(m, enrollment, CA_ENROLLMENT_PENDING);
}
