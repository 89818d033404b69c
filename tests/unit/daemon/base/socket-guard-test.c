/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/socket-guard.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Beyond what a test may take: who waits for it fails. */
#define LINGER_S   3600
#define AT_ONCE	   8
#define SMALL	   4096
#define PATIENCE_S 120

/* A connection whose one end lingers over what the other did not read. */
struct lingering {
	int fd, reader;
	size_t unread;
};

static void fill(struct lingering *end)
{
	static const char text[SMALL * 16];
	ssize_t n;

	while ((n = send(end->fd, text, sizeof(text), MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		end->unread += (size_t)n;
	assert_int_equal(errno, EAGAIN);
}

static void lingering_open(struct lingering *end)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct linger linger = {.l_onoff = 1, .l_linger = LINGER_S};
	_cleanup_(closep) int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(address);
	const int small = SMALL;

	*end = (struct lingering){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_int_equal(setsockopt(listening, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	assert_int_equal(setsockopt(end->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	assert_int_equal(setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	assert_int_equal(bind(listening, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(connect(end->fd, (struct sockaddr *)&address, size), 0);
	end->reader = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	assert_true(end->reader >= 0);
	fill(end);
	assert_true(end->unread > 0);
}

/* Nothing was read until now, so that no linger has ended by itself; and nothing is lost. */
static void lingering_read(struct lingering *end)
{
	char room[SMALL * 16];
	size_t all = 0;
	ssize_t n;

	while ((n = recv(end->reader, room, sizeof(room), 0)) > 0)
		all += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(all, end->unread);
	closep(&end->reader);
}

/* Passed on, and nobody's else from then on. */
static void pass(int over, int *const fds, size_t n)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(AT_ONCE * sizeof(int))];
	} control = {};
	char text = 'x';
	struct iovec part = {&text, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = CMSG_SPACE(n * sizeof(int))};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
	assert_int_equal(sendmsg(over, &message, MSG_NOSIGNAL), 1);
	for (size_t i = 0; i < n; i++)
		closep(&fds[i]);
}

struct passed {
	struct lingering ends[AT_ONCE];
	int pair[2];
};

static void pass_many(struct passed *passed)
{
	int fds[AT_ONCE];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, passed->pair), 0);
	for (size_t i = 0; i < AT_ONCE; i++) {
		lingering_open(&passed->ends[i]);
		fds[i] = passed->ends[i].fd;
	}
	pass(passed->pair[0], fds, AT_ONCE);
}

static void read_many(struct passed *passed)
{
	for (size_t i = 0; i < AT_ONCE; i++)
		lingering_read(&passed->ends[i]);
	closep(&passed->pair[0]);
}

static void the_last_close_waits_for_nothing(void **state)
{
	struct lingering end;

	(void)state;
	lingering_open(&end);
	errno = EDOM;
	socket_guard_close(end.fd);
	socket_guard_close(-1);
	assert_int_equal(errno, EDOM);
	lingering_read(&end);
}

static void nor_does_a_receive_without_room_for_them(void **state)
{
	struct passed passed;
	char text = 0;

	(void)state;
	pass_many(&passed);
	assert_int_equal(SOCKET_GUARDED(recv(passed.pair[1], &text, 1, MSG_DONTWAIT)), 1);
	assert_int_equal(text, 'x');
	read_many(&passed);
	closep(&passed.pair[1]);
}

static void nor_a_close_of_what_they_wait_in(void **state)
{
	struct passed passed;

	(void)state;
	pass_many(&passed);
	socket_guard_close(passed.pair[1]);
	read_many(&passed);
}

static void *discard(void *context)
{
	sigset_t all;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, NULL);
	socket_guard_close(*(const int *)context);
	return NULL;
}

static void nor_a_thread_that_blocks_all_signals(void **state)
{
	struct passed passed;
	pthread_t thread;

	(void)state;
	pass_many(&passed);
	assert_int_equal(pthread_create(&thread, NULL, discard, &passed.pair[1]), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	read_many(&passed);
}

/* Else whoever waits for something would be woken ever and again. */
static void no_signal_comes_afterwards(void **state)
{
	(void)state;
	socket_guard_begin();
	assert_int_equal(poll(NULL, 0, PATIENCE_S * 1000), -1);
	assert_int_equal(errno, EINTR);
	socket_guard_end();
	assert_int_equal(errno, EINTR);
	assert_int_equal(poll(NULL, 0, 20), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_close_waits_for_nothing),
		cmocka_unit_test(nor_does_a_receive_without_room_for_them),
		cmocka_unit_test(nor_a_close_of_what_they_wait_in),
		cmocka_unit_test(nor_a_thread_that_blocks_all_signals),
		cmocka_unit_test(no_signal_comes_afterwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
