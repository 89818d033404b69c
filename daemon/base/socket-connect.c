/* SPDX-License-Identifier: Apache-2.0 */
/* The asking side of socket.h. By itself, because what connects alone needs nothing of systemd's.
 */
#include "daemon/base/clock.h"
#include "daemon/base/socket-internal.h"
#include "daemon/base/socket.h"
#include <string.h>
#include <sys/time.h>

int socket_address(const char *path, struct sockaddr_un *ret)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (!path[0])
		return -EINVAL;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	*ret = address;
	return 0;
}

/* connect(2) waits for room in the listener's backlog for as long as sends may take. */
static int limit_wait(int fd, int64_t deadline_ms)
{
	int64_t left_ms = deadline_ms - clock_monotonic_ms();
	struct timeval left = {left_ms / 1000, left_ms % 1000 * 1000};

	/* zero would be for ever */
	if (left_ms <= 0)
		return -ETIMEDOUT;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof(left)) < 0 ? -errno : 0;
}

/* @deadline_ms: 0 for none. */
static int open_and_connect(const char *path, int type, int64_t deadline_ms, int *ret_fd)
{
	_cleanup_(closep) int fd = -1;
	struct sockaddr_un address;
	int r = socket_address(path, &address);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	do {
		r = deadline_ms ? limit_wait(fd, deadline_ms) : 0;
		if (r < 0)
			return r;
		r = connect(fd, (const struct sockaddr *)&address, sizeof(address));
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int socket_connect(const char *path, int type, int *ret_fd)
{
	return open_and_connect(path, type, 0, ret_fd);
}

int socket_connect_within(const char *path, int type, int64_t timeout_ms, int *ret_fd)
{
	int r = open_and_connect(path, type, clock_monotonic_ms() + timeout_ms, ret_fd);

	return r == -EAGAIN ? -ETIMEDOUT : r;
}
