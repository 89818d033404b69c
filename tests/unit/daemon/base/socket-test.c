/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/socket.h"
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/claviger-socket-XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/s", directory);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(directory);
}

static void bound_and_connected(void **state)
{
	static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(types); i++) {
		_cleanup_(closep) int listener = -1;
		_cleanup_(closep) int client = -1;
		_cleanup_(closep) int server = -1;
		mode_t mask = umask(077);
		struct stat st;
		char text[8] = {0};

		assert_int_equal(socket_listen("none", path, types[i], 0660, &listener), 0);
		umask(mask);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0660);
		assert_int_equal(socket_connect(path, types[i], &client), 0);
		server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		assert_int_equal(send(client, "hi", 2, MSG_NOSIGNAL), 2);
		assert_int_equal(recv(server, text, sizeof(text), 0), 2);
		assert_true(fcntl(client, F_GETFD) & FD_CLOEXEC);
		assert_true(fcntl(listener, F_GETFD) & FD_CLOEXEC);
		unlink(path);
	}
}

static void a_stale_one_is_replaced(void **state)
{
	int stale = -1;
	int fd = -1;

	(void)state;
	assert_int_equal(socket_listen("none", path, SOCK_STREAM, 0600, &stale), 0);
	assert_int_equal(socket_listen("none", path, SOCK_STREAM, 0600, &fd), -EADDRINUSE);
	assert_int_equal(socket_listen("none", path, SOCK_SEQPACKET, 0600, &fd), -EADDRINUSE);
	closep(&stale);
	assert_int_equal(socket_connect(path, SOCK_STREAM, &fd), -ECONNREFUSED);
	assert_int_equal(fd, -1);
	assert_int_equal(socket_listen("none", path, SOCK_SEQPACKET, 0600, &fd), 0);
	closep(&fd);
	unlink(path);
}

/* Nobody has asked the listener that has a full queue, and it is there all the same. */
static void a_busy_one_is_in_use(void **state)
{
	_cleanup_(closep) int listener = -1;
	_cleanup_(closep) int first = -1;
	int fd = -1;

	(void)state;
	assert_int_equal(socket_listen("none", path, SOCK_STREAM, 0600, &listener), 0);
	assert_int_equal(listen(listener, 0), 0);
	assert_int_equal(socket_connect(path, SOCK_STREAM, &first), 0);
	assert_int_equal(socket_listen("none", path, SOCK_STREAM, 0600, &fd), -EADDRINUSE);
	assert_int_equal(fd, -1);
	unlink(path);
}

static void what_is_no_socket_stays(void **state)
{
	int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	int fd = -1;

	(void)state;
	assert_true(file >= 0);
	closep(&file);
	assert_int_equal(socket_listen("none", path, SOCK_STREAM, 0600, &fd), -EADDRINUSE);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

static void paths_that_do_not_fit(void **state)
{
	char longer[200];
	int fd = -1;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(socket_connect(longer, SOCK_STREAM, &fd), -ENAMETOOLONG);
	assert_int_equal(socket_connect("", SOCK_STREAM, &fd), -EINVAL);
	assert_int_equal(socket_connect(path, SOCK_STREAM, &fd), -ENOENT);
	assert_int_equal(socket_listen("none", longer, SOCK_STREAM, 0600, &fd), -ENAMETOOLONG);
	assert_int_equal(socket_listen("none", "", SOCK_STREAM, 0600, &fd), -EINVAL);
}

/* As systemd starts a program: descriptors from 3 on, their names in the environment. */
static int inherit_two(void)
{
	char pid[32];
	int fd = -1;

	if (dup2(STDIN_FILENO, 3) != 3 || dup2(STDIN_FILENO, 4) != 4)
		return 1;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_FDNAMES", "scep:control", 1);
	if (socket_inherit("control", &fd) != 0 || fd != 4)
		return 2;
	if (socket_inherit("scep", &fd) != 0 || fd != 3)
		return 3;
	if (socket_inherit("key", &fd) != -ENOENT || fd != 3)
		return 4;
	if (socket_listen("control", "/nowhere/at/all", SOCK_STREAM, 0600, &fd) != 0 || fd != 4)
		return 5;
	if (socket_listen("key", "/nowhere/at/all", SOCK_STREAM, 0600, &fd) != -ENOENT)
		return 6;
	return fcntl(4, F_GETFD) & FD_CLOEXEC ? 0 : 7;
}

static void inherited_by_name(void **state)
{
	pid_t child = fork();
	int status = -1;
	int fd = -1;

	(void)state;
	if (child == 0)
		_exit(inherit_two());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(socket_inherit("scep", &fd), -ENOENT);
}

static void who_is_there(void **state)
{
	int pair[2];
	gid_t groups[256];
	struct peer peer = {0};
	int n = getgroups(ELEMENTS(groups), groups);
	const struct group *mine;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(socket_peer(pair[0], &peer), 0);
	assert_int_equal(peer.uid, geteuid());
	assert_int_equal(peer.gid, getegid());
	assert_int_equal(peer.pid, getpid());
	assert_int_equal(peer.n_groups, n < 64 ? n : 64);
	for (size_t i = 0; i < peer.n_groups; i++)
		assert_int_equal(peer.groups[i], groups[i]);
	closep(&pair[0]);
	closep(&pair[1]);
	assert_int_equal(socket_peer(pair[0], &peer), -EBADF);

	mine = getgrgid(getegid());
	assert_non_null(mine);
	assert_true(peer_in_group(&peer, mine->gr_name));
	assert_false(peer_in_group(&peer, "no-such-group"));
	assert_false(peer_in_group(&peer, ""));
}

static void groups_beyond_the_primary_one(void **state)
{
	const struct group *daemon = getgrnam("daemon");
	struct peer peer = {.gid = 60000, .groups = {60001, 60002}, .n_groups = 2};

	(void)state;
	assert_non_null(daemon);
	assert_false(peer_in_group(&peer, "daemon"));
	peer.groups[2] = daemon->gr_gid; /* not counted yet */
	assert_false(peer_in_group(&peer, "daemon"));
	peer.n_groups = 3;
	assert_true(peer_in_group(&peer, "daemon"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bound_and_connected),
		cmocka_unit_test(a_stale_one_is_replaced),
		cmocka_unit_test(a_busy_one_is_in_use),
		cmocka_unit_test(what_is_no_socket_stays),
		cmocka_unit_test(paths_that_do_not_fit),
		cmocka_unit_test(inherited_by_name),
		cmocka_unit_test(who_is_there),
		cmocka_unit_test(groups_beyond_the_primary_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
