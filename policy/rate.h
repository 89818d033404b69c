/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How often something may happen: so many at once, and one more each so many seconds. Pure; the
 * zeroed state is that of one who did nothing yet. */

#include "daemon/base/bytes.h"

/* The parts of a second that a steady rate is measured in. */
#define RATE_NS_PER_S INT64_C(1000000000)

struct rate_limit {
	unsigned most;	  /* at once */
	unsigned every_s; /* one is forgiven each; at least 1 */
};
/* Of one who is counted. */
struct rate {
	unsigned spent;
	int64_t since_s; /* what was forgiven up to then is off @spent */
};

/* How many stand against him at @now_s; a clock that goes back forgives nothing. */
unsigned rate_spent(const struct rate_limit *limit, const struct rate *rate, int64_t now_s);
/* Whether he has had all that he may. */
bool rate_is_over(const struct rate_limit *limit, const struct rate *rate, int64_t now_s);
/* Counts one; true where that was the last he may. */
bool rate_count(const struct rate_limit *limit, struct rate *rate, int64_t now_s);

/*
 * The same of what comes many times a second: @per_s (1…100000) of them, and twice as many at once.
 * @until_ns is of one who is counted: until when what he had lasts, 0 for who had nothing yet;
 * @now_ns is monotonic. Counts one, or is false where he has had all that he may. Source: the
 * virtual scheduling of ITU-T I.371.
 */
bool rate_take(unsigned per_s, int64_t *until_ns, int64_t now_ns);
