/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rate.h"

static int64_t forgiven(const struct rate_limit *limit, const struct rate *rate, int64_t now_s)
{
	return now_s > rate->since_s ? (now_s - rate->since_s) / limit->every_s : 0;
}

unsigned rate_spent(const struct rate_limit *limit, const struct rate *rate, int64_t now_s)
{
	int64_t off = forgiven(limit, rate, now_s);

	return off >= (int64_t)rate->spent ? 0 : rate->spent - (unsigned)off;
}

bool rate_is_over(const struct rate_limit *limit, const struct rate *rate, int64_t now_s)
{
	return rate_spent(limit, rate, now_s) >= limit->most;
}

bool rate_count(const struct rate_limit *limit, struct rate *rate, int64_t now_s)
{
	unsigned spent = rate_spent(limit, rate, now_s);

	if (spent >= limit->most)
		return false;
	/* The part of a second's share that has passed stays his. */
	rate->since_s =
		spent ? rate->since_s + forgiven(limit, rate, now_s) * limit->every_s : now_s;
	rate->spent = spent + 1;
	return rate->spent == limit->most;
}

bool rate_take(unsigned per_s, int64_t *until_ns, int64_t now_ns)
{
	int64_t until = (*until_ns > now_ns ? *until_ns : now_ns) + RATE_NS_PER_S / per_s;

	if (until > now_ns + 2 * RATE_NS_PER_S)
		return false;
	*until_ns = until;
	return true;
}
