/* SPDX-License-Identifier: Apache-2.0 */
/* Questions that wait too long, for a token that is silent or for a thread that is free: one timer
 * for all of them, so that a signature costs none. */
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/main/key-internal.h"

#define EVERY_USEC (500 * UINT64_C(1000))

/* One that expires is closed, but another thread may have it still. */
static int on_sweep(sd_event_source *source, uint64_t usec, void *context)
{
	struct key_connection *connection, *next;
	struct key_socket *socket = context;
	int64_t now_ms = clock_monotonic_ms();
	bool any = false;
	int r;

	(void)usec;
	for (connection = LIST_FIRST(&socket->connections); connection; connection = next) {
		next = LIST_NEXT(connection, beside);
		any = any || connection->job;
		key_job_expire(connection, now_ms);
	}
	if (!any)
		return 0;
	r = sd_event_source_set_time_relative(source, EVERY_USEC);
	return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void key_sweep_begin(struct key_socket *socket)
{
	int enabled, r = sd_event_source_get_enabled(socket->sweeper, &enabled);

	if (r > 0)
		return;
	r = sd_event_source_set_time_relative(socket->sweeper, EVERY_USEC);
	if (r >= 0)
		r = sd_event_source_set_enabled(socket->sweeper, SD_EVENT_ONESHOT);
	if (r < 0)
		log_error(LOG_FIELDS(log_number("ERRNO", -r)),
			  "programs may wait in vain: no timer tells them that a token is silent");
}

int key_sweep_open(struct key_socket *socket)
{
	return sd_event_add_time_relative(socket->daemon->loop, &socket->sweeper, CLOCK_MONOTONIC,
					  EVERY_USEC, EVERY_USEC / 10, on_sweep, socket);
}
