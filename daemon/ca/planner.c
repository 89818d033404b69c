/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/crl.h"
#include "daemon/ca/plan-order.h"
#include "daemon/ca/planner-internal.h"

static bool when_crl(const struct moment *m, const struct ca_generation_record *generation,
		     struct ca_plan *ret)
{
	(void)generation;
	if (!m->server->enabled || !has_keys(m) || !is_in_force(m))
		return false;
	ret->generation = m->active->number;
	ret->when_s = ca_crl_due_s(m->server, m->active, m->now_s);
	return ret->when_s != INT64_MAX;
}

static bool when_crl_ahead(const struct moment *m, const struct ca_generation_record *generation,
			   struct ca_plan *ret)
{
	(void)generation;
	ret->when_s = m->server->ahead_first_s;
	return ret->when_s && is_in_force(m);
}

/* Only while one of its certificates is in force: then nobody asks for it any more. */
static bool when_own_crl(const struct moment *m, const struct ca_generation_record *generation,
			 struct ca_plan *ret)
{
	const struct ca_plan_facts *facts = m->facts;

	if (!m->server->enabled || !has_keys(m) ||
	    !ca_generation_is_displaced(facts->generations, facts->n_generations,
					(size_t)(generation - facts->generations), m->now_s))
		return false;
	ret->when_s = ca_crl_own_due_s(m->server, generation, m->now_s);
	return ret->when_s <= generation->issued_until_s;
}

static bool when_series(const struct moment *m, const struct ca_generation_record *generation,
			struct ca_plan *ret)
{
	struct ca_crl_times times;

	(void)generation;
	if (!m->server->enabled || !has_keys(m) || !is_in_force(m) ||
	    !ca_crl_ahead_next(m->facts, m->now_s, &times))
		return false;
	ret->when_s = m->now_s;
	ret->generation = times.generation;
	return true;
}

static bool when_request_ends(const struct moment *m, const struct ca_generation_record *generation,
			      struct ca_plan *ret)
{
	(void)generation;
	ret->when_s = m->facts->first_request_expiry_s;
	return ret->when_s != 0;
}

/* Nothing records that these were noticed, so they must not stay due. */
static bool when_password_ends(const struct moment *m,
			       const struct ca_generation_record *generation, struct ca_plan *ret)
{
	(void)generation;
	ret->when_s = m->facts->first_password_expiry_s;
	return ret->when_s > m->now_s;
}

static bool when_certificate_ends(const struct moment *m,
				  const struct ca_generation_record *generation,
				  struct ca_plan *ret)
{
	(void)generation;
	if (!m->active || m->now_s >= m->active->not_after_s)
		return false;
	ret->generation = m->active->number;
	ret->when_s = m->active->not_after_s;
	return true;
}

static const struct plan_row {
	enum ca_action action;
	const char *name;
	plan_when *when;
	bool of_each;
	plan_when_exchange *when_exchange;
} rows[] = {
#define PLAN(action, name, when)	  {CA_ACTION_##action, name, when, false, NULL},
#define PLAN_EACH(action, name, when)	  {CA_ACTION_##action, name, when, true, NULL},
#define PLAN_EXCHANGE(action, name, when) {CA_ACTION_##action, name, NULL, true, when},
#include "daemon/ca/planner.def"
#undef PLAN
#undef PLAN_EACH
#undef PLAN_EXCHANGE
};

const char *ca_action_name(enum ca_action action)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].action == action)
			return rows[i].name;
	return "";
}

/* Plans in their order; @except is left out, and what there is no room for. */
struct listing {
	const struct ca_plan_set *except;
	int64_t now_s;
	struct ca_plan *plans;
	size_t n, most;
};

static bool set_has(const struct ca_plan_set *set, const struct ca_plan *plan)
{
	for (size_t i = 0; set && i < set->n; i++)
		if (set->items[i].action == plan->action &&
		    set->items[i].generation == plan->generation &&
		    set->items[i].exchange == plan->exchange)
			return true;
	return false;
}

void ca_plan_set_add(struct ca_plan_set *set, const struct ca_plan *plan)
{
	if (set->n < ELEMENTS(set->items))
		set->items[set->n++] = *plan;
}

static struct plan_place place_of(const struct ca_plan *plan)
{
	return (struct plan_place){.when_s = plan->when_s, .action = (int)plan->action};
}

/* To its place among those before it; equals keep their order. */
static void list_add(struct listing *list, const struct ca_plan *plan)
{
	size_t i = list->n;

	if (set_has(list->except, plan))
		return;
	while (i > 0 &&
	       plan_place_before(place_of(plan), place_of(&list->plans[i - 1]), list->now_s))
		i--;
	if (i == list->most)
		return;
	if (list->n < list->most)
		list->n++;
	for (size_t k = list->n - 1; k > i; k--)
		list->plans[k] = list->plans[k - 1];
	list->plans[i] = *plan;
}

static void ask_of_each(const struct plan_row *row, const struct moment *m, struct listing *list)
{
	for (size_t i = 0; i < m->facts->n_generations; i++) {
		const struct ca_generation_record *generation = &m->facts->generations[i];
		struct ca_plan plan = {.action = row->action, .generation = generation->number};

		if (row->when(m, generation, &plan))
			list_add(list, &plan);
	}
}

static void ask_of_exchanges(const struct plan_row *row, const struct moment *m,
			     struct listing *list)
{
	for (size_t i = 0; i < m->facts->n_exchanges; i++) {
		const struct ca_exchange_record *exchange = &m->facts->exchanges[i];
		struct ca_plan plan = {.action = row->action, .exchange = exchange->id};

		if (row->when_exchange(m, exchange, &plan))
			list_add(list, &plan);
	}
}

static void plan_all(const struct ca_plan_facts *facts, struct listing *list)
{
	const size_t n = facts->n_generations;
	const struct moment m = {
		.facts = facts,
		.server = facts->server,
		.active = ca_generation_active(facts->generations, n, list->now_s),
		.shadow = ca_generation_shadow(facts->generations, n, list->now_s),
		.now_s = list->now_s,
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct ca_plan plan = {.action = rows[i].action};

		if (rows[i].when_exchange)
			ask_of_exchanges(&rows[i], &m, list);
		else if (rows[i].of_each)
			ask_of_each(&rows[i], &m, list);
		else if (rows[i].when(&m, NULL, &plan))
			list_add(list, &plan);
	}
}

struct ca_plan ca_plan_next(const struct ca_plan_facts *facts, int64_t now_s)
{
	return ca_plan_next_except(facts, NULL, now_s);
}

struct ca_plan ca_plan_next_except(const struct ca_plan_facts *facts,
				   const struct ca_plan_set *except, int64_t now_s)
{
	struct ca_plan first = {.action = CA_ACTION_NONE};
	struct listing list = {.except = except, .now_s = now_s, .plans = &first, .most = 1};

	plan_all(facts, &list);
	return first;
}

size_t ca_plan_list(const struct ca_plan_facts *facts, int64_t now_s, struct ca_plan *ret,
		    size_t most)
{
	struct listing list = {.now_s = now_s, .plans = ret, .most = most};

	plan_all(facts, &list);
	return list.n;
}
