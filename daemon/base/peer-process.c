/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/peer-process.h"
#include <poll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

/* Younger than Debian's headers. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int peer_process_open(int connection, pid_t pid, int *ret_fd)
{
	int fd = -1;
	socklen_t size = sizeof(fd);

	if (getsockopt(connection, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) < 0) {
		if (errno != ENOPROTOOPT)
			return -errno;
		fd = pidfd_open(pid, 0);
		if (fd < 0)
			return -errno;
	}
	*ret_fd = fd;
	return 0;
}

bool peer_process_has_ended(int process)
{
	struct pollfd ask = {.fd = process, .events = POLLIN};

	return process < 0 || poll(&ask, 1, 0) != 0;
}
