/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/lifetime.h"

int64_t ca_clamp_not_after(int64_t now_s, int64_t lifetime_s, int64_t generation_not_after_s)
{
	int64_t not_after_s;

	if (__builtin_add_overflow(now_s, lifetime_s, &not_after_s))
		return generation_not_after_s;
	return not_after_s < generation_not_after_s ? not_after_s : generation_not_after_s;
}
