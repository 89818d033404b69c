/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/wake.h"
#include "daemon/base/clock.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
	struct wake *wake = context;

	(void)source;
	(void)usec;
	return wake->calls->timer(wake->context);
}

static int on_change(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct wake *wake = context;
	eventfd_t count;

	(void)source;
	(void)events;
	(void)eventfd_read(fd, &count);
	return wake->calls->change(wake->context);
}

static int on_test_clock(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct wake *wake = context;
	char event[sizeof(struct inotify_event) + 256];

	(void)source;
	(void)events;
	while (read(fd, event, sizeof(event)) > 0)
		;
	return wake->calls->test_clock(wake->context);
}

static int watch_test_clock(struct wake *wake, sd_event *loop)
{
	int r = clock_watch(&wake->test_clock_fd);

	if (r == -ENOTSUP)
		return 0;
	return r < 0 ? r
		     : sd_event_add_io(loop, &wake->test_clock, wake->test_clock_fd, EPOLLIN,
				       on_test_clock, wake);
}

int wake_open(struct wake *wake, sd_event *loop, const struct wake_calls *calls, void *context)
{
	int r;

	*wake = (struct wake){
		.calls = calls, .context = context, .change_fd = -1, .test_clock_fd = -1};
	wake->change_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake->change_fd < 0)
		return -errno;
	r = sd_event_add_time_relative(loop, &wake->timer, CLOCK_MONOTONIC, 0, 0, on_timer, wake);
	if (r >= 0)
		r = sd_event_add_io(loop, &wake->change, wake->change_fd, EPOLLIN, on_change, wake);
	return r < 0 || !calls->test_clock ? r : watch_test_clock(wake, loop);
}

void wake_stop(struct wake *wake)
{
	wake->timer = sd_event_source_disable_unref(wake->timer);
	wake->change = sd_event_source_disable_unref(wake->change);
	wake->test_clock = sd_event_source_disable_unref(wake->test_clock);
}

void wake_close(struct wake *wake)
{
	wake_stop(wake);
	closep(&wake->change_fd);
	closep(&wake->test_clock_fd);
}

void wake_in(struct wake *wake, int64_t in_ms)
{
	if (!wake->timer)
		return;
	(void)sd_event_source_set_time_relative(wake->timer,
						(uint64_t)(in_ms > 0 ? in_ms : 0) * 1000);
	(void)sd_event_source_set_enabled(wake->timer, SD_EVENT_ONESHOT);
}

void wake_tell(struct wake *wake)
{
	(void)eventfd_write(wake->change_fd, 1);
}

bool wake_is_stopped(const struct wake *wake)
{
	return !wake->timer;
}
