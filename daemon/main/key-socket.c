/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/key-socket.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/peer-process.h"
#include "daemon/base/socket-guard.h"
#include "daemon/base/socket.h"
#include "daemon/main/key-internal.h"
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX	    1024
#define CONNECTIONS_OF_USER 256
/* Root is let in beyond these, but not until the process has no descriptors left. */
#define CONNECTIONS_OF_ROOT 1024
#define MODE_OF_ALL	    0666
#define LOOKERS		    12 /* some may wait for a token that is silent, the others go on */
#define LOOKER_PLACES	    (CONNECTIONS_MAX + CONNECTIONS_OF_ROOT)
#define TELL_EVERY_USEC	    (60 * UINT64_C(1000000))
#define BROKEN_EVERY_MS	    60000
/* Programs come after routers and operators: whoever asks without end has what is left. */
#define PRIORITY (SD_EVENT_PRIORITY_NORMAL + 10)

static struct key_user *user_of(struct key_socket *socket, uid_t uid)
{
	struct key_user *user;

	LIST_FOREACH(user, &socket->users, beside)
	{
		if (user->uid == uid)
			return user;
	}
	user = calloc(1, sizeof(*user));
	if (!user)
		return NULL;
	user->uid = uid;
	LIST_INSERT_HEAD(&socket->users, user, beside);
	return user;
}

static void user_free_unused(struct key_user *user)
{
	if (user->n_connections)
		return;
	LIST_REMOVE(user, beside);
	free(user);
}

void key_connection_unref(struct key_connection *connection)
{
	if (--connection->references)
		return;
	LIST_REMOVE(connection, beside);
	connection->socket->n_connections--;
	connection->user->n_connections--;
	user_free_unused(connection->user);
	closep(&connection->program.process);
	key_use_program_done(&connection->program);
	socket_guard_close(connection->fd);
	free(connection);
}

void key_connection_close(struct key_connection *connection)
{
	if (!connection->source)
		return;
	__atomic_store_n(&connection->gone, true, __ATOMIC_RELAXED);
	connection->source = sd_event_source_disable_unref(connection->source);
	key_connection_unref(connection);
}

/* One question at a time: who has asked waits for his answer. */
static int receive(struct key_connection *connection)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	int r = SOCKET_GUARDED(ipc_receive_plain(connection->fd, &packet));

	if (r < 0)
		return r;
	if (__atomic_load_n(&connection->busy, __ATOMIC_ACQUIRE))
		return -EPROTO;
	return key_job_begin(connection, &packet);
}

/* Anybody can do this as often as he likes: the first of a minute is told, with how many came since
 * the one before. */
static void tell_broken(const struct key_connection *connection, int error)
{
	struct key_socket *socket = connection->socket;
	int64_t now_ms = clock_monotonic_ms();

	socket->n_broken++;
	if (socket->broken_told_ms && now_ms - socket->broken_told_ms < BROKEN_EVERY_MS)
		return;
	log_info(LOG_FIELDS(log_number("PEER_UID", connection->user->uid),
			    log_number("PEER_PID", connection->program.pid),
			    log_number("ERRNO", error), log_number("TIMES", socket->n_broken)),
		 "a program broke the protocol of key.sock and was closed");
	socket->n_broken = 0;
	socket->broken_told_ms = now_ms;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct key_connection *connection = context;
	int r = receive(connection);

	(void)source;
	(void)fd;
	(void)events;
	if (!r || r == -EAGAIN)
		return 0;
	if (r != -ECONNRESET)
		tell_broken(connection, -r);
	key_connection_close(connection);
	return 0;
}

/* NULL, or why he is not let in. */
static const char *find_crowd(const struct key_socket *socket, const struct key_user *user)
{
	if (user->uid == 0)
		return user->n_connections < CONNECTIONS_OF_ROOT
			       ? NULL
			       : "root has too many connections to key.sock";
	if (user->n_connections >= CONNECTIONS_OF_USER)
		return "this user has too many connections to key.sock";
	return socket->n_connections < CONNECTIONS_MAX ? NULL : "key.sock has too many connections";
}

/* Before it has asked anything, so that no tag is known: 0 is for whatever it will ask. */
static void turn_away(const struct key_connection *connection, const char *why)
{
	int r = ipc_send_failed(connection->fd, 0, IPC_FAILURE_LATER, "%s: try again later", why);

	if (r < 0)
		log_debug(LOG_FIELDS(log_number("ERRNO", -r)), "nobody read why it was closed");
}

static int read_from(struct key_connection *connection)
{
	int r = sd_event_add_io(connection->socket->daemon->loop, &connection->source,
				connection->fd, EPOLLIN, on_readable, connection);

	return r < 0 ? r : sd_event_source_set_priority(connection->source, PRIORITY);
}

/* Rules that have a Unit= may come later. Without it they let nobody in. */
static void hold_process(struct key_connection *connection)
{
	struct key_use_program *program = &connection->program;
	int r = peer_process_open(connection->fd, program->pid, &program->process);

	if (r < 0)
		log_debug(LOG_FIELDS(log_number("PEER_PID", program->pid), log_number("ERRNO", -r)),
			  "a program that connected can't be held on to");
}

static struct key_connection *connection_new(struct key_socket *socket, const struct peer *peer,
					     int fd)
{
	struct key_connection *connection = calloc(1, sizeof(*connection));
	struct key_user *user = user_of(socket, peer->uid);

	if (!connection || !user) {
		free(connection);
		socket_guard_close(fd);
		return NULL;
	}
	*connection = (struct key_connection){
		.socket = socket,
		.user = user,
		.program = {.uid = peer->uid, .pid = peer->pid, .process = -1},
		.references = 1,
		.fd = fd,
	};
	hold_process(connection);
	return connection;
}

static void on_connect(void *context, int fd)
{
	struct key_socket *socket = context;
	struct key_connection *connection;
	struct peer peer;
	const char *crowd;

	if (socket_peer(fd, &peer) < 0) {
		socket_guard_close(fd);
		return;
	}
	connection = connection_new(socket, &peer, fd);
	if (!connection)
		return;
	crowd = find_crowd(socket, connection->user);
	socket->n_connections++;
	connection->user->n_connections++;
	LIST_INSERT_HEAD(&socket->connections, connection, beside);
	if (crowd)
		turn_away(connection, crowd);
	if (crowd || read_from(connection) < 0)
		key_connection_unref(connection);
}

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
	struct key_socket *socket = context;

	(void)usec;
	flow_key_use_tell(socket->daemon->flow, clock_monotonic_ms());
	return sd_event_source_set_time_relative(source, TELL_EVERY_USEC);
}

static int open_all(struct key_socket *key)
{
	const struct listener_place place = {
		.name = "key",
		.directory = key->daemon->flow->conf->daemon.runtime_directory,
		.type = SOCK_SEQPACKET,
		.mode = MODE_OF_ALL,
		.refuses_descriptors = true,
	};
	int r = workers_new(key->daemon->loop, LOOKERS, LOOKER_PLACES, &key->lookers);

	if (r >= 0)
		workers_take_turns(key->lookers);
	if (r >= 0)
		r = sd_event_add_time_relative(key->daemon->loop, &key->teller, CLOCK_MONOTONIC,
					       TELL_EVERY_USEC, TELL_EVERY_USEC / 10, on_time, key);
	if (r >= 0)
		r = sd_event_source_set_enabled(key->teller, SD_EVENT_ON);
	if (r >= 0)
		r = key_sweep_open(key);
	if (r >= 0)
		r = listener_open(key->daemon->loop, &place, on_connect, key, &key->listener);
	return r < 0 ? r : sd_event_source_set_priority(key->listener.source, PRIORITY);
}

int key_socket_open(struct daemon *daemon, struct key_socket **ret)
{
	struct key_socket *key = calloc(1, sizeof(*key));
	int r;

	if (!key)
		return -ENOMEM;
	key->daemon = daemon;
	key->listener.fd = -1;
	r = open_all(key);
	if (r < 0) {
		key_socket_stop(key);
		key_socket_free(key);
		return r;
	}
	*ret = key;
	return 0;
}

void key_socket_stop(struct key_socket *socket)
{
	if (!socket)
		return;
	socket->stopped = true;
	listener_close(&socket->listener);
	socket->teller = sd_event_source_disable_unref(socket->teller);
	socket->sweeper = sd_event_source_disable_unref(socket->sweeper);
	socket->lookers = workers_free(socket->lookers);
}

/* No job is left: each connection is the loop's alone. */
struct key_socket *key_socket_free(struct key_socket *socket)
{
	struct key_connection *connection, *next;

	if (!socket)
		return NULL;
	for (connection = LIST_FIRST(&socket->connections); connection; connection = next) {
		next = LIST_NEXT(connection, beside);
		key_connection_close(connection);
	}
	free(socket);
	return NULL;
}
