/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/wake.h"
#include "daemon/base/clock.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

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

static int on_test_clock(sd_event_source *source, const struct inotify_event *event, void *context)
{
	struct wake *wake = context;

	(void)source;
	(void)event;
	return wake->calls->test_clock(wake->context);
}

/* By the loop's own inotify: the kernel gives a user few, and many a loop has several of these. */
static int watch_test_clock(struct wake *wake, sd_event *loop)
{
	const char *directory = clock_directory();

	return directory ? sd_event_add_inotify(loop, &wake->test_clock, directory,
						IN_CLOSE_WRITE | IN_MOVED_TO, on_test_clock, wake)
			 : 0;
}

int wake_open(struct wake *wake, sd_event *loop, const struct wake_calls *calls, void *context)
{
	int r;

	*wake = (struct wake){.calls = calls, .context = context, .change_fd = -1};
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
