/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/wait.h"

#include "daemon/base/clock.h"
#include <limits.h>
#include <poll.h>

int wait_until_ready(int fd, short events, int64_t deadline_ms)
{
	for (;;) {
		int64_t left_ms = deadline_ms - clock_monotonic_ms();
		struct pollfd ready = {.fd = fd, .events = events};

		if (left_ms < 0)
			left_ms = 0;
		int n = poll(&ready, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0 && clock_monotonic_ms() >= deadline_ms)
			return -ETIMEDOUT;
	}
}
