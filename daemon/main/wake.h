/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What wakes a part of the loop that plans ahead: a timer, a word from any thread that something
 * changed and, in builds that have one, the test clock. What is to be done then is the part's own.
 */

#include "daemon/base/err.h"
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* Each with the part's context, on the loop's thread; after -errno it is not called again. */
struct wake_calls {
	int (*timer)(void *context); /* the time has come */
	int (*change)(void *context);
	int (*test_clock)(void *context); /* NULL: not watched */
};

struct wake {
	const struct wake_calls *calls;
	void *context;
	sd_event_source *timer, *change, *test_clock;
	int change_fd;
};
/* The timer goes off at once. @calls and @context are borrowed. -errno, and then wake_close() all
 * the same. */
_checked_ int wake_open(struct wake *wake, sd_event *loop, const struct wake_calls *calls,
			void *context);
/* Ends the waiting; what other threads tell goes unheard. */
void wake_stop(struct wake *wake);
/* When no other thread tells any more. */
void wake_close(struct wake *wake);

/* Sets the timer to a time from now, 0 or less being at once; nothing after wake_stop(). */
void wake_in(struct wake *wake, int64_t in_ms);
/* From any thread: something changed. */
void wake_tell(struct wake *wake);
bool wake_is_stopped(const struct wake *wake);
