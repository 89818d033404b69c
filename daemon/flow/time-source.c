/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/time-source.h"
#include "daemon/base/clock.h"

#define STEP_MAX_S 60

void time_seen_init(struct time_seen *seen)
{
	*seen = (struct time_seen){};
	pthread_mutex_init(&seen->lock, NULL);
}

void time_seen_done(struct time_seen *seen)
{
	pthread_mutex_destroy(&seen->lock);
}

void time_source_init(struct time_source *source, const struct conf_daemon *conf,
		      struct time_seen *last)
{
	*source = (struct time_source){
		.authoritative = conf->time_source == CONF_TIME_SOURCE_AUTHORITATIVE,
		.holdover_s = conf->holdover_s,
		.last = last,
	};
}

/* How far civil time has left the monotonic clock since NTP was last seen. */
static bool stepped(const struct time_seen *last, int64_t now_s, int64_t monotonic_ms)
{
	int64_t drift_s = (now_s - last->s) - (monotonic_ms - last->monotonic_ms) / 1000;

	return drift_s > STEP_MAX_S || drift_s < -STEP_MAX_S;
}

bool time_source_is_good(struct time_source *source)
{
	int64_t now_s = clock_now_s(), monotonic_ms = clock_monotonic_ms();
	struct time_seen *last = source->last;
	bool good;

	if (source->authoritative)
		return true;
	pthread_mutex_lock(&last->lock);
	if (clock_is_synchronised()) {
		last->seen = true;
		last->s = now_s;
		last->monotonic_ms = monotonic_ms;
	} else if (last->seen && stepped(last, now_s, monotonic_ms)) {
		last->seen = false;
	}
	good = last->seen && monotonic_ms - last->monotonic_ms <= source->holdover_s * 1000;
	pthread_mutex_unlock(&last->lock);
	return good;
}
