/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/rollover.h"
#include "daemon/ca/planner-internal.h"

const char *ca_rollover_status_name(enum ca_rollover_status status)
{
	static const char *const names[] = {
		[CA_ROLLOVER_NONE] = "none",
		[CA_ROLLOVER_PENDING] = "pending",
		[CA_ROLLOVER_AVAILABLE] = "available",
		[CA_ROLLOVER_ACTIVE] = "active",
	};

	assert((size_t)status < ELEMENTS(names));
	return names[status];
}

static enum ca_phase phase_of(const struct ca_plan_facts *facts,
			      const struct ca_generation_record *generation, int64_t now_s)
{
	return ca_generation_phase(facts->generations, facts->n_generations,
				   (size_t)(generation - facts->generations), now_s);
}

bool ca_rollover_is_wished(const struct ca_server_record *server,
			   const struct ca_generation_record *active)
{
	return server->rollover_wish_s && server->rollover_wish_s >= active->takes_over_s;
}

/* Seconds in which what a change-over wrote is surely there. */
#define CHANGE_OVER_LASTS_S 10

bool ca_rollover_is_settling(const struct ca_generation_record *active, int64_t now_s)
{
	return !active->changed_over_s || now_s <= active->changed_over_s + CHANGE_OVER_LASTS_S;
}

bool ca_rollover_automatic(const struct ca_plan_facts *facts, int64_t now_s, int64_t *ret_when_s)
{
	const size_t n = facts->n_generations;
	const struct ca_generation_record *active =
		ca_generation_active(facts->generations, n, now_s);
	int64_t cancelled_s = facts->server->rollover_cancelled_s, when_s;

	if (!active || facts->policy.overlap_s <= 0 ||
	    ca_generation_shadow(facts->generations, n, now_s))
		return false;
	when_s = active->not_after_s - facts->policy.overlap_s;
	if (when_s < active->takes_over_s)
		when_s = active->takes_over_s;
	if (cancelled_s >= active->takes_over_s && cancelled_s < active->not_after_s) {
		int64_t half_s = cancelled_s + (active->not_after_s - cancelled_s) / 2;

		when_s = half_s > when_s ? half_s : when_s;
	}
	*ret_when_s = when_s;
	return true;
}

enum ca_rollover_status ca_rollover_status(const struct ca_plan_facts *facts, int64_t now_s)
{
	const size_t n = facts->n_generations;
	const struct ca_generation_record *shadow =
		ca_generation_shadow(facts->generations, n, now_s);
	const struct ca_generation_record *active =
		ca_generation_active(facts->generations, n, now_s);
	int64_t when_s;

	if (shadow)
		return shadow->available_s ? CA_ROLLOVER_AVAILABLE : CA_ROLLOVER_PENDING;
	if (active && ca_rollover_is_wished(facts->server, active))
		return CA_ROLLOVER_PENDING;
	if (ca_rollover_automatic(facts, now_s, &when_s) && when_s <= now_s)
		return CA_ROLLOVER_PENDING;
	/* Of an RA's retired ones no key is left to go. */
	for (size_t i = 0; i < n && !facts->policy.is_ra; i++)
		if (ca_generation_phase(facts->generations, n, i, now_s) == CA_PHASE_RETIRED)
			return CA_ROLLOVER_ACTIVE;
	return CA_ROLLOVER_NONE;
}

struct ca_rollover_life ca_rollover_life(const struct ca_generation_record *active,
					 int64_t ca_lifetime_s, int64_t now_s)
{
	int64_t from_s = active->not_after_s;

	if (from_s + ca_lifetime_s <= now_s)
		from_s = now_s;
	return (struct ca_rollover_life){from_s, from_s + ca_lifetime_s};
}

static int64_t later(int64_t a_s, int64_t b_s)
{
	return a_s > b_s ? a_s : b_s;
}

/* When the key of a retired one goes. */
static bool destroys(const struct ca_plan_facts *facts,
		     const struct ca_generation_record *generation, int64_t now_s,
		     int64_t *ret_when_s)
{
	const struct ca_generation_record *successor;

	if (phase_of(facts, generation, now_s) != CA_PHASE_RETIRED)
		return false;
	successor = ca_generation_successor(facts->generations, facts->n_generations,
					    (size_t)(generation - facts->generations), now_s);
	if (!successor)
		return false;
	*ret_when_s = successor->takes_over_s + facts->policy.keep_retired_s;
	/* notAfter is the last second of a certificate (RFC 5280 §4.1.2.5). */
	*ret_when_s = later(*ret_when_s, generation->not_after_s + 1);
	*ret_when_s = later(*ret_when_s, generation->certified_until_s + 1);
	*ret_when_s = later(*ret_when_s, generation->issued_until_s + 1);
	return true;
}

bool when_changes_over(const struct moment *m, const struct ca_generation_record *generation,
		       struct ca_plan *ret)
{
	(void)m;
	ret->when_s = generation->takes_over_s;
	return !generation->changed_over_s && !generation->destroyed_s;
}

/* Also after the end of the active certificate, when nothing else is signed any more: a daemon that
 * was down for so long has no other way back. */
bool when_shadow(const struct moment *m, const struct ca_generation_record *generation,
		 struct ca_plan *ret)
{
	(void)generation;
	if (!m->server->enabled || m->facts->policy.enrolls || !m->active || m->shadow)
		return false;
	if (!ca_rollover_is_wished(m->server, m->active))
		return ca_rollover_automatic(m->facts, m->now_s, &ret->when_s);
	/* The wish may be of a time that the clock has not reached again. */
	ret->when_s = m->server->rollover_wish_s < m->now_s ? m->server->rollover_wish_s : m->now_s;
	return true;
}

static bool lacks_archive(const struct moment *m, const struct ca_generation_record *generation)
{
	return has_keys(m) && m->facts->policy.archives && !generation->archived_s;
}

/* One that took over meanwhile is archived all the same. */
bool when_archive(const struct moment *m, const struct ca_generation_record *generation,
		  struct ca_plan *ret)
{
	ret->when_s = m->now_s;
	return lacks_archive(m, generation) && (generation == m->shadow || generation == m->active);
}

/* Somebody has to make it. */
static bool lacks_backup(const struct moment *m, const struct ca_generation_record *generation)
{
	return has_keys(m) && m->facts->policy.requires_backup && !generation->backed_up_s;
}

bool when_offer(const struct moment *m, const struct ca_generation_record *generation,
		struct ca_plan *ret)
{
	(void)generation;
	if (!m->server->enabled || !has_keys(m) || !is_in_force(m) || !m->shadow ||
	    m->shadow->available_s || lacks_archive(m, m->shadow) || lacks_backup(m, m->shadow) ||
	    lacks_exchange(m, m->shadow))
		return false;
	ret->when_s = m->now_s;
	ret->generation = m->shadow->number;
	return true;
}

bool when_relabel(const struct moment *m, const struct ca_generation_record *generation,
		  struct ca_plan *ret)
{
	ret->when_s = generation->takes_over_s;
	return has_keys(m) && generation == m->active && !generation->relabelled_s &&
	       !generation->destroyed_s;
}

/* Not before all that is public names its successor. */
bool when_destroy(const struct moment *m, const struct ca_generation_record *generation,
		  struct ca_plan *ret)
{
	return has_keys(m) && m->active && m->active->changed_over_s && !generation->destroyed_s &&
	       destroys(m->facts, generation, m->now_s, &ret->when_s);
}
