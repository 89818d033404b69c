/* SPDX-License-Identifier: Apache-2.0 */
#include "token/connection.h"
#include "daemon/base/log.h"
#include "daemon/base/socket-guard.h"
#include "daemon/base/socket.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct connection {
	atomic_uint references, requests;
	int fd;
	struct peer peer;
	pthread_mutex_t sending;
};

int connection_new(int fd, struct connection **ret)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	int r = connection ? socket_peer(fd, &connection->peer) : -ENOMEM;

	if (r < 0) {
		free(connection);
		socket_guard_close(fd);
		return r;
	}
	connection->fd = fd;
	atomic_init(&connection->references, 1);
	pthread_mutex_init(&connection->sending, NULL);
	*ret = connection;
	return 0;
}

struct connection *connection_ref(struct connection *connection)
{
	(void)atomic_fetch_add(&connection->references, 1);
	return connection;
}

struct connection *connection_unref(struct connection *connection)
{
	if (!connection || atomic_fetch_sub(&connection->references, 1) != 1)
		return NULL;
	socket_guard_close(connection->fd);
	pthread_mutex_destroy(&connection->sending);
	free(connection);
	return NULL;
}

int connection_fd(const struct connection *connection)
{
	return connection->fd;
}

uid_t connection_uid(const struct connection *connection)
{
	return connection->peer.uid;
}

pid_t connection_pid(const struct connection *connection)
{
	return connection->peer.pid;
}

bool connection_begin(struct connection *connection)
{
	if (atomic_fetch_add(&connection->requests, 1) < CONNECTION_REQUESTS_MAX)
		return true;
	connection_end(connection);
	return false;
}

void connection_end(struct connection *connection)
{
	(void)atomic_fetch_sub(&connection->requests, 1);
}

static void check_sent(struct connection *connection, int r)
{
	if (r == 0)
		return;
	log_debug(LOG_FIELDS(log_number("PEER_PID", connection->peer.pid)),
		  "an answer can't be sent: %s", strerrordesc_np(-r));
	(void)shutdown(connection->fd, SHUT_RDWR);
}

void connection_send(struct connection *connection, enum ipc_number number, uint64_t tag,
		     const void *message)
{
	pthread_mutex_lock(&connection->sending);
	check_sent(connection, ipc_send(connection->fd, number, tag, message));
	pthread_mutex_unlock(&connection->sending);
}

void connection_fail(struct connection *connection, uint64_t tag, enum ipc_failure code,
		     const char *reason)
{
	pthread_mutex_lock(&connection->sending);
	check_sent(connection, ipc_send_failed(connection->fd, tag, code, "%s", reason));
	pthread_mutex_unlock(&connection->sending);
}
