/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Waiting for a socket until a deadline on the monotonic clock.
 */

#include "daemon/base/err.h"

/* Blocks until @fd is ready for @events (POLLIN, POLLOUT) or broken, which the next call on it then
 * tells. -ETIMEDOUT where clock_monotonic_ms() reaches @deadline_ms first. */
_checked_ int wait_until_ready(int fd, short events, int64_t deadline_ms);
