/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/budget.h"

bool budget_take(struct budget *budget, size_t size)
{
	size_t taken = atomic_load(&budget->taken);

	do {
		if (size > budget->most - taken)
			return false;
	} while (!atomic_compare_exchange_weak(&budget->taken, &taken, taken + size));
	return true;
}

void budget_give(struct budget *budget, size_t size)
{
	size_t before = atomic_fetch_sub(&budget->taken, size);

	assert(before >= size);
}
