/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What others can bring about as often as they like: the log is told the first of its kind in a
 * minute, and after that how often it came again. In memory, and bounded: of too many kinds the one
 * that was told longest ago makes place. Thread-safe. Of a process; the lines themselves are
 * written by whoever asks.
 */

#include "daemon/base/err.h"

struct log_repeats;

_checked_ int log_repeats_new(struct log_repeats **ret);
struct log_repeats *log_repeats_free(struct log_repeats *repeats);

/* Two are the same where all is equal but why, which is the first one's. Longer texts are cut. */
struct log_repeat {
	uint32_t uid;
	int kind;
	char who[64], what[129];
	char why[512];
	unsigned more;	 /* that came since it was told */
	int64_t told_ms; /* monotonic; 0: never */
};
/* Whether the log is to be told; if not it is counted. @ret_before, its @more not 0: one that is to
 * be told of before, since nobody will after. */
bool log_repeats_tells(struct log_repeats *repeats, const struct log_repeat *one, int64_t now_ms,
		       struct log_repeat *ret_before);
/* One whose minute is over and that came again since: to be told how often. False without one. */
bool log_repeats_next(struct log_repeats *repeats, int64_t now_ms, struct log_repeat *ret);
