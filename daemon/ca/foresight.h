/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What will come, told by the planner itself: it is walked forward on copies of the records, each
 * action done at its time and without a fault. Pure.
 */

#include "daemon/ca/planner.h"

/*
 * Each coming event up to @until_s with the moment at which it will be, what is overdue now; how
 * many were written, @most of them where there may be more. New generations get the numbers that
 * they will have. Of requests and passwords only the first end is known.
 */
size_t ca_foresee(const struct ca_plan_facts *facts, int64_t now_s, int64_t until_s,
		  struct ca_plan *ret, size_t most);

/* Up to when a preview tells where nobody says: until the next succession is over, keys and all, or
 * the active certificate has ended; a year from now where there is none. */
int64_t ca_foresight_until(const struct ca_plan_facts *facts, int64_t now_s);
