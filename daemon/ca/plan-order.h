/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* In which order planned actions are done: those of planner.h, and of trustpoints. Pure. */

#include <stdbool.h>
#include <stdint.h>

struct plan_place {
	int64_t when_s;
	int action; /* which row of its table it is of */
};
/* Whether @a is done before @b: the earlier. All that is due by @now_s is equal, so that the order
 * of the rows decides; of one row the earliest goes first. */
bool plan_place_before(struct plan_place a, struct plan_place b, int64_t now_s);
