/* SPDX-License-Identifier: Apache-2.0 */
/* When the CA is asked for something new: itself, another certificate, its successor. */
#include "daemon/scep/client.h"
#include "daemon/trustpoint/line.h"
#include "daemon/trustpoint/planner-internal.h"

#define PAUSE_MAX_S (8 * INT64_C(3600))
#define DAY_S	    INT64_C(86400)
#define MINUTE_S    INT64_C(60)
/* How long a certificate that is not valid yet is waited for where none else is in force: another
 * clock's error. */
#define NOT_YET_MAX_S  INT64_C(3600)
#define SHADOW_PERCENT 90

int64_t trustpoint_pause_s(unsigned n, int64_t period_s)
{
	int64_t pause_s = period_s;

	if (!n)
		return 0;
	while (--n && pause_s < PAUSE_MAX_S)
		pause_s *= 2;
	return pause_s < PAUSE_MAX_S ? pause_s : PAUSE_MAX_S;
}

static int64_t earlier(int64_t a_s, int64_t b_s)
{
	return a_s < b_s ? a_s : b_s;
}

static int64_t later(int64_t a_s, int64_t b_s)
{
	return a_s > b_s ? a_s : b_s;
}

int64_t trustpoint_renew_s(const struct ca_identity_record *identity, unsigned percent)
{
	int64_t life_s = identity->not_after_s - identity->not_before_s;
	int64_t most_s = life_s < 3600 ? life_s / 5 : earlier(life_s / 50, DAY_S);
	int64_t when_s = identity->not_before_s + life_s * (int64_t)percent / 100;
	int64_t half_s = identity->not_before_s + life_s / 2;
	int64_t left_s = identity->not_after_s - identity->takes_over_s;

	if (percent >= 100)
		return identity->not_after_s;
	when_s =
		later(when_s - most_s * (int64_t)identity->jitter / 65535, earlier(when_s, half_s));
	/* By a CA whose clock is behind, or that gives the same once more: renewed at once it would
	 * be renewed without end. */
	if (when_s <= identity->takes_over_s)
		return identity->takes_over_s + later(left_s * (int64_t)percent / 100, MINUTE_S);
	return when_s;
}

bool trustpoint_needs_authenticate(const struct ca_trustpoint_state *state, int64_t now_s)
{
	if (state->record.halt == CA_TRUSTPOINT_STRANGER)
		return true;
	return !anchor_stands(ca_anchor_active(state, now_s), now_s) &&
	       !ca_anchor_next(state, now_s);
}

bool trustpoint_is_by_hand(const struct trustpoint_facts *facts, int64_t now_s)
{
	for (int usage = TRUSTPOINT_GENERAL; usage <= TRUSTPOINT_ENCRYPTION; usage++) {
		const struct ca_identity_record *identity =
			ca_identity_active(facts->state, usage, now_s);
		if (identity && identity->by_hand &&
		    trustpoint_wants(facts->policy.usage_keys, usage))
			return true;
	}
	return false;
}

/* @when_s, or later where tries in a row found no server or no use. */
static int64_t after_failures(const struct moment *m, int64_t when_s)
{
	const struct ca_trustpoint_record *record = &m->state->record;

	if (!record->failures)
		return when_s;
	return later(when_s,
		     after_pause(record->failed_s,
				 trustpoint_pause_s(record->failures, m->policy->retry_period_s),
				 m->now_s));
}

/* The same after @n tries, but closer the nearer the CA's end is: a fiftieth of what is left. */
static int64_t after_polite_pause(const struct moment *m, int64_t when_s, unsigned n,
				  int64_t last_s)
{
	int64_t pause_s = trustpoint_pause_s(n, m->policy->retry_period_s);
	int64_t share_s = later((m->active->not_after_s - last_s) / 50, m->policy->retry_period_s);

	if (!n)
		return when_s;
	return later(when_s, after_pause(last_s, earlier(pause_s, share_s), m->now_s));
}

/* A CA that ended without a next one is asked nothing more. */
static bool may_ask(const struct moment *m)
{
	return m->policy->by_scep && !m->state->record.halt && is_wanted(m) &&
	       anchor_stands(m->active, m->now_s);
}

/* Tries from before the CA was in force, by a clock that was behind, say nothing of it. */
static bool is_exhausted(const struct moment *m)
{
	const struct ca_trustpoint_record *record = &m->state->record;

	return has_tried_enough(m, record->failures) && record->failed_s >= m->active->takes_over_s;
}

bool trustpoint_when_exhausted(const struct moment *m, const struct topic *topic,
			       struct trustpoint_plan *ret)
{
	(void)topic;
	ret->when_s = m->now_s;
	return may_ask(m) && is_exhausted(m);
}

bool trustpoint_when_authenticate(const struct moment *m, const struct topic *topic,
				  struct trustpoint_plan *ret)
{
	(void)topic;
	ret->when_s = after_failures(m, m->now_s);
	return m->policy->by_scep && m->policy->authenticates && !m->state->record.halt &&
	       is_wanted(m) && !m->active && !m->next;
}

/* Whether another takes over before there is a gap. One that was made while the clock was wrong
 * may come too late. */
static bool is_covered(const struct moment *m, const struct ca_identity_record *identity, int usage)
{
	const struct ca_identity_record *next = ca_identity_next(m->state, usage, m->now_s);

	if (!next)
		return false;
	if (identity_stands(identity, m->now_s))
		return ca_follows_closely(next->takes_over_s, identity->not_after_s);
	return next->takes_over_s <= m->now_s + NOT_YET_MAX_S;
}

/* The one whose end is looked to: a server's own has those in line behind it that it has. */
static const struct ca_identity_record *last_of(const struct moment *m, int usage)
{
	return m->policy->serves ? trustpoint_line_last(m->state, usage, m->now_s)
				 : ca_identity_active(m->state, usage, m->now_s);
}

/* The last of a line has nothing after it, but for one that waits for another clock. */
static bool has_follower(const struct moment *m, const struct ca_identity_record *identity,
			 int usage)
{
	return !(m->policy->serves && identity_stands(identity, m->now_s)) &&
	       is_covered(m, identity, usage);
}

/* Whether it ends with its CA, so that only the next one can certify anything after it. */
static bool rolls_over(const struct moment *m, const struct ca_identity_record *identity)
{
	return identity_stands(identity, m->now_s) && !identity->by_hand &&
	       identity->anchor_id == m->active->id &&
	       identity->not_after_s >= m->active->not_after_s &&
	       !has_follower(m, identity, identity->usage);
}

static int64_t ca_shadow_s(const struct moment *m)
{
	int64_t life_s = m->active->not_after_s - m->active->not_before_s;

	return m->active->not_before_s + life_s * SHADOW_PERCENT / 100;
}

/* At its end it would be too late for a shadow. */
static int64_t shadow_s(const struct moment *m, const struct ca_identity_record *identity)
{
	struct ca_identity_record used = *identity;

	if (m->policy->serves)
		return trustpoint_successor_s(m, identity);
	if (!m->policy->percent || m->policy->percent >= 100)
		return ca_shadow_s(m);
	/* One that outlives its CA is of no use after it. */
	used.not_after_s = earlier(used.not_after_s, m->active->not_after_s);
	return trustpoint_renew_s(&used, m->policy->percent);
}

/* With automatic renewal the CA's successor is asked for when the first identity needs it, and
 * where one has none in force, so that there is somebody to go on with after the CA's end. */
static int64_t next_ca_s(const struct moment *m)
{
	int64_t when_s = INT64_MAX;

	if (m->policy->serves && m->policy->overlap_s)
		when_s = m->active->not_after_s - m->policy->overlap_s;
	else if (!m->policy->percent)
		when_s = m->state->record.capabilities & SCEP_CAN_NEXT_CA ? ca_shadow_s(m)
									  : INT64_MAX;
	if (!m->policy->percent && !m->policy->serves)
		return when_s;
	for (int usage = TRUSTPOINT_GENERAL; usage <= TRUSTPOINT_ENCRYPTION; usage++) {
		const struct ca_identity_record *identity = last_of(m, usage);

		if (!trustpoint_wants(m->policy->usage_keys, usage))
			continue;
		if (!identity_stands(identity, m->now_s))
			when_s = earlier(when_s, ca_shadow_s(m));
		else if (rolls_over(m, identity))
			when_s = earlier(when_s, shadow_s(m, identity));
	}
	return when_s;
}

bool trustpoint_when_next_ca(const struct moment *m, const struct topic *topic,
			     struct trustpoint_plan *ret)
{
	const struct ca_trustpoint_record *record = &m->state->record;

	(void)topic;
	if (!may_ask(m) || m->next || is_exhausted(m) || trustpoint_is_by_hand(m->facts, m->now_s))
		return false;
	ret->id = m->active->id;
	ret->when_s = next_ca_s(m);
	if (ret->when_s == INT64_MAX)
		return false;
	ret->when_s = after_polite_pause(m, ret->when_s, record->next_ca_misses,
					 record->next_ca_missed_s);
	ret->when_s = after_polite_pause(m, ret->when_s, record->failures, record->failed_s);
	return ret->when_s <= m->active->not_after_s;
}

bool trustpoint_when_shadow(const struct moment *m, const struct topic *topic,
			    struct trustpoint_plan *ret)
{
	const struct ca_trustpoint_record *record = &m->state->record;
	const struct ca_identity_record *identity = last_of(m, topic->usage);

	if (!may_ask(m) || !m->next || is_exhausted(m) || !identity || !rolls_over(m, identity) ||
	    ca_enrollment_of(m->state, topic->usage))
		return false;
	ret->id = m->next->id;
	ret->when_s = shadow_s(m, identity);
	if (ret->when_s == INT64_MAX)
		return false;
	ret->when_s = after_polite_pause(m, ret->when_s, record->failures, record->failed_s);
	return ret->when_s <= m->active->not_after_s;
}

/* When another certificate is wanted; INT64_MAX: not by this way. */
static int64_t wanted_s(const struct moment *m, const struct ca_identity_record *identity)
{
	if (m->policy->serves)
		return trustpoint_served_renewal_s(
			m, identity, m->active && identity && rolls_over(m, identity));
	if (!identity)
		return m->now_s;
	if (!identity_stands(identity, m->now_s))
		return identity->not_after_s + 1;
	if (!m->active)
		return trustpoint_renew_s(identity, m->policy->percent);
	/* Another CA than the one that issued it. */
	if (identity->anchor_id != m->active->id)
		return m->active->takes_over_s;
	return rolls_over(m, identity) ? INT64_MAX
				       : trustpoint_renew_s(identity, m->policy->percent);
}

bool trustpoint_when_renew(const struct moment *m, const struct topic *topic,
			   struct trustpoint_plan *ret)
{
	const struct ca_identity_record *identity = last_of(m, topic->usage);

	if (!m->policy->by_scep || !(m->policy->serves || m->policy->percent) || !is_wanted(m) ||
	    m->state->record.halt || ca_enrollment_of(m->state, topic->usage) ||
	    has_follower(m, identity, topic->usage) || (identity && identity->by_hand))
		return false;
	/* Without any CA the timer goes on all the same; with one that ended it does not. */
	if (m->active && (!anchor_stands(m->active, m->now_s) || is_exhausted(m)))
		return false;
	ret->when_s = wanted_s(m, identity);
	if (ret->when_s == INT64_MAX)
		return false;
	ret->when_s = after_failures(m, ret->when_s);
	return true;
}
