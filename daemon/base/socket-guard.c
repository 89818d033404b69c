/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/socket-guard.h"
#include "daemon/base/log.h"
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Longer than a receive takes as a rule; a thousand strangers' sockets one by one take seconds. */
#define PERIOD_NS 2000000
#define SIGNAL	  SIGURG

/* Not every header has these names. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* Made when the thread first needs it; there as long as the process. */
static _Thread_local timer_t timer;
static _Thread_local bool has_timer, told;

/* That it comes is all. */
static void on_signal(int signal)
{
	(void)signal;
}

/* Without SA_RESTART, and let through to this thread whatever else it blocks. */
static int let_through(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGNAL);
	if (sigaction(SIGNAL, &action, NULL) < 0)
		return -errno;
	return -pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

static int make_timer(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGNAL};
	int r = let_through();

	event.sigev_notify_thread_id = gettid();
	if (r < 0)
		return r;
	return timer_create(CLOCK_MONOTONIC, &event, &timer) < 0 ? -errno : 0;
}

static bool find_timer(void)
{
	int r;

	if (has_timer)
		return true;
	r = make_timer();
	has_timer = r >= 0;
	if (r < 0 && !told)
		log_warning(LOG_FIELDS(log_number("ERRNO", -r)),
			    "strangers' descriptors can hold up what receives them: no timer: %s",
			    strerror(-r));
	told = r < 0;
	return has_timer;
}

/* 0 clears it. */
static void set_timer(long period_ns)
{
	const struct itimerspec times = {{0, period_ns}, {0, period_ns}};
	int r = timer_settime(timer, 0, &times, NULL);

	assert(r == 0);
}

void socket_guard_begin(void)
{
	if (find_timer())
		set_timer(PERIOD_NS);
}

void socket_guard_end(void)
{
	int before = errno;

	if (has_timer)
		set_timer(0);
	errno = before;
}

void socket_guard_close(int fd)
{
	int before = errno;

	if (fd < 0)
		return;
	socket_guard_begin();
	(void)close(fd);
	socket_guard_end();
	errno = before;
}

void socket_guard_refuse_descriptors(int listening)
{
	const int no = 0;

	/* An older kernel takes them, and the guard does the rest. */
	(void)setsockopt(listening, SOL_SOCKET, SO_PASSRIGHTS, &no, sizeof(no));
}
