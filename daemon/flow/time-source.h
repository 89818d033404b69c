/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether the time may be believed: nothing is issued before it is. With TimeSource=authoritative
 * always; with ntp while the kernel is synchronised, and for Holdover= after that was last seen; a
 * step of over 60 s against the monotonic clock while it is lost ends the holdover.
 */

#include "daemon/conf/conf.h"
#include <pthread.h>

/* When NTP was last seen; outlives a reload of the configuration. */
struct time_seen {
	pthread_mutex_t lock;
	bool seen; /* synchronised at least once in this process's life */
	int64_t monotonic_ms;
	int64_t s;
};

struct time_source {
	bool authoritative;
	int64_t holdover_s;
	struct time_seen *last;
};

void time_seen_init(struct time_seen *seen);
void time_seen_done(struct time_seen *seen);
/* Borrows @last. */
void time_source_init(struct time_source *source, const struct conf_daemon *conf,
		      struct time_seen *last);
/* Asks the kernel and decides. */
bool time_source_is_good(struct time_source *source);
