/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/key/service-pool.h"

#include "daemon/base/socket.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A program that closed its standard streams may still print: not to clavigerd. */
static int leave_streams(int *fd)
{
	int above;

	if (*fd > STDERR_FILENO)
		return 0;
	above = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (above < 0)
		return -errno;
	close(*fd);
	*fd = above;
	return 0;
}

int service_connection_open(const char *path, int64_t timeout_ms, struct service_connection **ret)
{
	_cleanup_(closep) int fd = -1;
	struct service_connection *connection;
	struct stat st;
	int r = socket_connect_within(path, SOCK_SEQPACKET, timeout_ms, &fd);

	if (r == 0)
		r = leave_streams(&fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	connection = malloc(sizeof(*connection));
	if (!connection)
		return -ENOMEM;
	*connection = (struct service_connection){
		TAKE_FD(fd), getpid(), geteuid(), st.st_dev, st.st_ino,
	};
	*ret = connection;
	return 0;
}

/* The number of a descriptor that the program closed may be something else's by now. */
static bool is_still_ours(const struct service_connection *connection)
{
	struct stat st;

	return fstat(connection->fd, &st) == 0 && st.st_dev == connection->device &&
	       st.st_ino == connection->inode;
}

void service_connection_close(struct service_connection *connection)
{
	if (connection && is_still_ours(connection))
		closep(&connection->fd);
	free(connection);
}

struct service_connection *service_pool_take(struct service_pool *pool)
{
	pid_t pid = getpid();
	uid_t uid = geteuid();

	for (size_t i = 0; i < ELEMENTS(pool->idle); i++) {
		struct service_connection *found = atomic_exchange(&pool->idle[i], NULL);

		if (found && found->pid == pid && found->uid == uid && is_still_ours(found))
			return found;
		service_connection_close(found);
	}
	return NULL;
}

void service_pool_keep(struct service_pool *pool, struct service_connection *connection)
{
	for (size_t i = 0; i < ELEMENTS(pool->idle); i++) {
		struct service_connection *empty = NULL;

		if (atomic_compare_exchange_strong(&pool->idle[i], &empty, connection))
			return;
	}
	service_connection_close(connection);
}

void service_pool_drop(struct service_pool *pool)
{
	for (size_t i = 0; i < ELEMENTS(pool->idle); i++)
		service_connection_close(atomic_exchange(&pool->idle[i], NULL));
}
