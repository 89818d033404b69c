/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/lifetime.h"

int64_t ca_clamp_not_after(int64_t now_s, int64_t lifetime_s, int64_t generation_not_after_s)
{
	int64_t not_after_s;

	if (__builtin_add_overflow(now_s, lifetime_s, &not_after_s))
		return generation_not_after_s;
	return not_after_s < generation_not_after_s ? not_after_s : generation_not_after_s;
}

int64_t ca_jittered_lifetime(int64_t lifetime_s, uint64_t random)
{
	const int64_t most_s = 86400;
	int64_t bound_s = lifetime_s / 50;

	if (bound_s > most_s)
		bound_s = most_s;
	if (bound_s <= 0)
		return lifetime_s;
	return lifetime_s - (int64_t)(random % ((uint64_t)bound_s + 1));
}

int64_t ca_jittered_not_after(int64_t not_before_s, int64_t lifetime_s,
			      int64_t generation_not_after_s, uint64_t random)
{
	int64_t whole_s = ca_clamp_not_after(not_before_s, lifetime_s, generation_not_after_s);

	if (whole_s == generation_not_after_s)
		return whole_s;
	return not_before_s + ca_jittered_lifetime(lifetime_s, random);
}
