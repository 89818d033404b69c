/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/time-source.h"
#include "daemon/base/clock.h"

#define STEP_MAX_S 60

void time_source_init(struct time_source *source, const struct conf_daemon *conf)
{
	*source = (struct time_source){
		.authoritative = conf->time_source == CONF_TIME_SOURCE_AUTHORITATIVE,
		.holdover_s = conf->holdover_s,
	};
	pthread_mutex_init(&source->lock, NULL);
}

void time_source_done(struct time_source *source)
{
	pthread_mutex_destroy(&source->lock);
}

/* How far civil time has left the monotonic clock since NTP was last seen. */
static bool stepped(const struct time_source *source, int64_t now_s, int64_t monotonic_ms)
{
	int64_t drift_s =
		(now_s - source->seen_s) - (monotonic_ms - source->seen_monotonic_ms) / 1000;

	return drift_s > STEP_MAX_S || drift_s < -STEP_MAX_S;
}

bool time_source_is_good(struct time_source *source)
{
	int64_t now_s = clock_now_s(), monotonic_ms = clock_monotonic_ms();
	bool good;

	if (source->authoritative)
		return true;
	pthread_mutex_lock(&source->lock);
	if (clock_is_synchronised()) {
		source->seen = true;
		source->seen_s = now_s;
		source->seen_monotonic_ms = monotonic_ms;
	} else if (source->seen && stepped(source, now_s, monotonic_ms)) {
		source->seen = false;
	}
	good = source->seen &&
	       monotonic_ms - source->seen_monotonic_ms <= source->holdover_s * 1000;
	pthread_mutex_unlock(&source->lock);
	return good;
}
