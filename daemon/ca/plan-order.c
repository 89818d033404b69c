/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/plan-order.h"

bool plan_place_before(struct plan_place a, struct plan_place b, int64_t now_s)
{
	int64_t a_s = a.when_s > now_s ? a.when_s : now_s;
	int64_t b_s = b.when_s > now_s ? b.when_s : now_s;

	if (a_s != b_s)
		return a_s < b_s;
	return a.action == b.action && a.when_s < b.when_s;
}
