/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/plan-order.h"
#include "daemon/trustpoint/planner-internal.h"

enum plan_kind { OF_TRUSTPOINT, OF_ANCHOR, OF_IDENTITY, OF_ENROLLMENT, OF_USAGE };

static const struct plan_row {
	enum trustpoint_action action;
	const char *name;
	plan_when *when;
	enum plan_kind kind;
} rows[] = {
#define PLAN(action, name, when)	    {TRUSTPOINT_ACTION_##action, name, when, OF_TRUSTPOINT},
#define PLAN_ANCHOR(action, name, when)	    {TRUSTPOINT_ACTION_##action, name, when, OF_ANCHOR},
#define PLAN_IDENTITY(action, name, when)   {TRUSTPOINT_ACTION_##action, name, when, OF_IDENTITY},
#define PLAN_ENROLLMENT(action, name, when) {TRUSTPOINT_ACTION_##action, name, when, OF_ENROLLMENT},
#define PLAN_USAGE(action, name, when)	    {TRUSTPOINT_ACTION_##action, name, when, OF_USAGE},
#include "daemon/trustpoint/planner.def"
#undef PLAN
#undef PLAN_ANCHOR
#undef PLAN_IDENTITY
#undef PLAN_ENROLLMENT
#undef PLAN_USAGE
};

const char *trustpoint_action_name(enum trustpoint_action action)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].action == action)
			return rows[i].name;
	return "";
}

/* Plans in their order; @except is left out, and what there is no room for. */
struct listing {
	const struct trustpoint_plan *except;
	size_t n_except;
	int64_t now_s;
	struct trustpoint_plan *plans;
	size_t n, most;
};

static bool is_excepted(const struct listing *list, const struct trustpoint_plan *plan)
{
	for (size_t i = 0; i < list->n_except; i++)
		if (list->except[i].action == plan->action &&
		    list->except[i].usage == plan->usage && list->except[i].id == plan->id)
			return true;
	return false;
}

static struct plan_place place_of(const struct trustpoint_plan *plan)
{
	return (struct plan_place){.when_s = plan->when_s, .action = (int)plan->action};
}

/* To its place among those before it; equals keep their order. */
static void list_add(struct listing *list, const struct trustpoint_plan *plan)
{
	size_t i = list->n;

	if (is_excepted(list, plan))
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

static void ask(const struct plan_row *row, const struct moment *m, struct topic topic,
		struct listing *list)
{
	struct trustpoint_plan plan = {.action = row->action, .usage = topic.usage};

	if (topic.anchor)
		plan.id = topic.anchor->id;
	else if (topic.identity)
		plan.id = topic.identity->id;
	else if (topic.enrollment)
		plan.id = topic.enrollment->id;
	if (row->when(m, &topic, &plan))
		list_add(list, &plan);
}

static size_t count_topics(const struct moment *m, enum plan_kind kind)
{
	switch (kind) {
	case OF_ANCHOR:
		return m->state->n_anchors;
	case OF_IDENTITY:
		return m->state->n_identities;
	case OF_ENROLLMENT:
		return m->state->n_enrollments;
	case OF_USAGE:
		return m->policy->usage_keys ? 2 : 1;
	default:
		return 1;
	}
}

static struct topic topic_of(const struct moment *m, enum plan_kind kind, size_t i)
{
	struct topic topic = {};

	if (kind == OF_ANCHOR) {
		topic.anchor = &m->state->anchors[i];
	} else if (kind == OF_IDENTITY) {
		topic.identity = &m->state->identities[i];
		topic.usage = topic.identity->usage;
	} else if (kind == OF_ENROLLMENT) {
		topic.enrollment = &m->state->enrollments[i];
		topic.usage = topic.enrollment->usage;
	} else if (kind == OF_USAGE) {
		topic.usage =
			m->policy->usage_keys ? TRUSTPOINT_SIGNATURE + (int)i : TRUSTPOINT_GENERAL;
	}
	return topic;
}

static void plan_all(const struct trustpoint_facts *facts, struct listing *list)
{
	const struct moment m = {
		.facts = facts,
		.state = facts->state,
		.policy = &facts->policy,
		.active = ca_anchor_active(facts->state, list->now_s),
		.next = ca_anchor_next(facts->state, list->now_s),
		.now_s = list->now_s,
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (size_t k = 0; k < count_topics(&m, rows[i].kind); k++)
			ask(&rows[i], &m, topic_of(&m, rows[i].kind, k), list);
}

struct trustpoint_plan trustpoint_plan_next(const struct trustpoint_facts *facts,
					    const struct trustpoint_plan *except, size_t n_except,
					    int64_t now_s)
{
	struct trustpoint_plan first = {.action = TRUSTPOINT_ACTION_NONE};
	struct listing list = {
		.except = except, .n_except = n_except, .now_s = now_s, .plans = &first, .most = 1};

	plan_all(facts, &list);
	return first;
}

size_t trustpoint_plan_list(const struct trustpoint_facts *facts, int64_t now_s,
			    struct trustpoint_plan *ret, size_t most)
{
	struct listing list = {.now_s = now_s, .plans = ret, .most = most};

	plan_all(facts, &list);
	return list.n;
}
