/* SPDX-License-Identifier: Apache-2.0 */
/* Who connected, while it lives and when it has left its connection to another. */
#include "daemon/base/peer-process.h"
#include "daemon/base/socket.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

struct visit {
	char path[64];
	int listener;
	int outer; /* the visitor's end, which outlives it */
	int inner;
	pid_t pid;
};

/* A process that connects, and lives until somebody ends it. */
static void begin_visit(struct visit *visit)
{
	*visit = (struct visit){.path = "/tmp/claviger-peer-XXXXXX"};
	assert_non_null(mkdtemp(visit->path));
	snprintf(visit->path + strlen(visit->path), 8, "/s");
	assert_int_equal(socket_listen("none", visit->path, SOCK_SEQPACKET, 0600, &visit->listener),
			 0);
	visit->outer = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	visit->pid = fork();
	if (visit->pid == 0) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};

		snprintf(address.sun_path, sizeof(address.sun_path), "%s", visit->path);
		if (connect(visit->outer, (struct sockaddr *)&address, sizeof(address)) == 0)
			pause();
		_exit(1);
	}
	assert_true(visit->pid > 0);
	visit->inner = accept4(visit->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(visit->inner >= 0);
}

static void end_visitor(const struct visit *visit)
{
	int status;

	assert_int_equal(kill(visit->pid, SIGKILL), 0);
	assert_int_equal(waitpid(visit->pid, &status, 0), visit->pid);
}

static void end_visit(struct visit *visit)
{
	closep(&visit->inner);
	closep(&visit->outer);
	closep(&visit->listener);
	assert_int_equal(unlink(visit->path), 0);
	visit->path[strlen(visit->path) - 2] = '\0';
	assert_int_equal(rmdir(visit->path), 0);
}

static void held_while_it_lives(void **state)
{
	_cleanup_(closep) int process = -1;
	struct visit visit;
	struct peer peer;

	(void)state;
	begin_visit(&visit);
	assert_int_equal(socket_peer(visit.inner, &peer), 0);
	assert_int_equal(peer.pid, visit.pid);
	assert_int_equal(peer_process_open(visit.inner, peer.pid, &process), 0);
	assert_true(fcntl(process, F_GETFD) & FD_CLOEXEC);
	assert_false(peer_process_has_ended(process));
	end_visitor(&visit);
	assert_true(peer_process_has_ended(process));
	end_visit(&visit);
}

/* Whatever is had of it, it has ended. */
static void gone_before_it_was_asked_for(void **state)
{
	_cleanup_(closep) int process = -1;
	struct visit visit;

	(void)state;
	begin_visit(&visit);
	end_visitor(&visit);
	if (peer_process_open(visit.inner, visit.pid, &process) < 0)
		assert_int_equal(process, -1);
	assert_true(peer_process_has_ended(process));
	end_visit(&visit);
}

static void nobody_known(void **state)
{
	(void)state;
	assert_true(peer_process_has_ended(-1));
}

/* From here on the kernel says that it does not know SO_PEERPIDFD. */
static void make_kernel_older(void)
{
	struct sock_filter rows[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsockopt, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SO_PEERPIDFD, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOPROTOOPT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = ELEMENTS(rows), .filter = rows};

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void by_an_older_kernel(void **state)
{
	int process = -1;
	socklen_t size = sizeof(process);
	struct visit visit;

	make_kernel_older();
	begin_visit(&visit);
	assert_int_equal(getsockopt(visit.inner, SOL_SOCKET, SO_PEERPIDFD, &process, &size), -1);
	assert_int_equal(errno, ENOPROTOOPT);
	end_visitor(&visit);
	end_visit(&visit);
	held_while_it_lives(state);
	gone_before_it_was_asked_for(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_while_it_lives),
		cmocka_unit_test(gone_before_it_was_asked_for),
		cmocka_unit_test(nobody_known),
		cmocka_unit_test(by_an_older_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
