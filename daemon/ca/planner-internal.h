/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the rows of planner.def are asked with. */

#include "daemon/ca/planner.h"

/* A server as it stands at an instant. */
struct moment {
	const struct ca_plan_facts *facts;
	const struct ca_server_record *server;
	const struct ca_generation_record *active; /* NULL without */
	const struct ca_generation_record *shadow; /* NULL without */
	int64_t now_s;
};

/* Whether the active certificate is still in force: nothing is signed with it afterwards. */
static inline bool is_in_force(const struct moment *m)
{
	return m->active && m->now_s <= m->active->not_after_s;
}

/* An RA's generations have their keys elsewhere. */
static inline bool has_keys(const struct moment *m)
{
	return !m->facts->policy.is_ra;
}

/* True with the moment, and the generation that it is about where that is not @generation, if the
 * action is coming. @generation: NULL but for rows that are asked of each. */
typedef bool plan_when(const struct moment *m, const struct ca_generation_record *generation,
		       struct ca_plan *ret);

/* The same of an exchange key. */
typedef bool plan_when_exchange(const struct moment *m, const struct ca_exchange_record *exchange,
				struct ca_plan *ret);

/* In exchange.c. */
plan_when when_exchange;
plan_when_exchange when_exchange_relabel, when_exchange_destroy;
/* Whether the generation is still to get an exchange key. */
bool lacks_exchange(const struct moment *m, const struct ca_generation_record *generation);

/* In rollover.c. */
plan_when when_changes_over, when_shadow, when_archive, when_offer, when_relabel, when_destroy;
