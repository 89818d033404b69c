/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/planner.h"
#include "daemon/ca/crl.h"

/* True with the moment where the action is coming. */
typedef bool (*plan_when)(const struct ca_plan_facts *facts, int64_t now_s, int64_t *ret_s);

static bool when_crl(const struct ca_plan_facts *facts, int64_t now_s, int64_t *ret_s)
{
	if (!facts->server->enabled || !facts->active || now_s > facts->active->not_after_s)
		return false;
	*ret_s = ca_crl_due_s(facts->server, facts->active, now_s);
	return true;
}

static bool when_request_ends(const struct ca_plan_facts *facts, int64_t now_s, int64_t *ret_s)
{
	(void)now_s;
	*ret_s = facts->first_request_expiry_s;
	return facts->first_request_expiry_s != 0;
}

/* Nothing records that it was noticed, so it must not stay due. */
static bool when_certificate_ends(const struct ca_plan_facts *facts, int64_t now_s, int64_t *ret_s)
{
	if (!facts->active || now_s >= facts->active->not_after_s)
		return false;
	*ret_s = facts->active->not_after_s;
	return true;
}

static const struct plan_row {
	enum ca_action action;
	const char *name;
	plan_when when;
} rows[] = {
#define PLAN(action, name, when) {CA_ACTION_##action, name, when},
#include "daemon/ca/planner.def"
#undef PLAN
};

const char *ca_action_name(enum ca_action action)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].action == action)
			return rows[i].name;
	return "";
}

/* Moves the last of @n plans to its place among the earlier ones; equals keep their order. */
static void settle_last(struct ca_plan *plans, size_t n)
{
	for (size_t i = n - 1; i > 0 && plans[i].when_s < plans[i - 1].when_s; i--) {
		struct ca_plan later = plans[i - 1];

		plans[i - 1] = plans[i];
		plans[i] = later;
	}
}

static size_t plan_all(const struct ca_plan_facts *facts, int64_t now_s,
		       struct ca_plan ret[static ELEMENTS(rows)])
{
	size_t n = 0;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct ca_plan plan = {.action = rows[i].action};

		if (!rows[i].when(facts, now_s, &plan.when_s))
			continue;
		ret[n++] = plan;
		settle_last(ret, n);
	}
	return n;
}

struct ca_plan ca_plan_next(const struct ca_plan_facts *facts, int64_t now_s)
{
	struct ca_plan plans[ELEMENTS(rows)];

	return plan_all(facts, now_s, plans) ? plans[0] : (struct ca_plan){CA_ACTION_NONE, 0};
}

size_t ca_plan_list(const struct ca_plan_facts *facts, int64_t now_s, struct ca_plan *ret,
		    size_t most)
{
	struct ca_plan plans[ELEMENTS(rows)];
	size_t n = plan_all(facts, now_s, plans);

	if (n > most)
		n = most;
	for (size_t i = 0; i < n; i++)
		ret[i] = plans[i];
	return n;
}
