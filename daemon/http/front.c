/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/front.h"

#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/http/capacity.h"
#include "daemon/http/guard.h"
#include "daemon/http/request.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HEAD_MS	 10000
#define BODY_MS	 30000
#define REPLY_MS 30000
#define PER_PEER 128
/* A request line of 64 KiB, other headers, and the reply's. */
#define POOL_BYTES ((size_t)96 * 1024)
/* What large bodies have together. */
#define BODIES_BYTES ((size_t)64 * 1024 * 1024)
/* Beside HoldFor=, for the queue and for a clavigerd that systemd, which listens meanwhile, starts
 * again. */
#define PATIENCE_MORE_MS 20000
/* How late a deadline may be noticed. */
#define SWEEP_MS 1000

struct front {
	struct guard *guard;
	struct relay *relay;
	struct budget budget;
	struct MHD_Daemon *servers[LISTEN_MAX];
	size_t n_servers;
	unsigned connections; /* that each server takes; the guard limits all together */
	bool drained;
	pthread_mutex_t lock; /* of conf */
	struct conf *conf;
};

/* What belongs to a connection: its one request at a time is kept here too, because libmicrohttpd
 * tells nothing of the end of one whose parameters were more than its memory holds. */
struct visit {
	struct guard_entry *entry;
	struct request *request;
};

/* libmicrohttpd's calls, on its threads. */

/* NULL where memory had ended when it came; then it is on its way to be closed. */
static struct visit *visit_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
	struct front *front = cls;
	struct visit *visit = visit_of(connection);
	struct request_context context = {
		.guard = front->guard,
		.relay = front->relay,
		.budget = &front->budget,
	};

	if (!visit)
		return NULL;
	request_free(visit->request);
	context.entry = visit->entry;
	pthread_mutex_lock(&front->lock);
	context.conf = conf_ref(front->conf);
	pthread_mutex_unlock(&front->lock);
	visit->request = request_new(&context, connection, target ? target : "");
	return visit->request;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **request)
{
	(void)cls;
	(void)connection;
	(void)url;
	(void)version;
	return *request ? request_handle(*request, method, upload, upload_size) : MHD_NO;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **request,
			 enum MHD_RequestTerminationCode code)
{
	struct front *front = cls;
	struct visit *visit = visit_of(connection);

	(void)code;
	*request = NULL;
	if (!visit)
		return;
	visit->request = request_free(visit->request);
	guard_enter(front->guard, visit->entry, GUARD_HEAD, clock_monotonic_ms());
}

static struct visit *visit_begin(struct front *front, struct MHD_Connection *connection, int fd)
{
	const struct sockaddr *peer =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
			->client_addr;
	struct visit *visit = calloc(1, sizeof(*visit));

	if (visit)
		visit->entry = guard_start(front->guard, fd, peer, clock_monotonic_ms());
	if (visit && visit->entry)
		return visit;
	free(visit);
	return NULL;
}

static void visit_end(struct front *front, struct visit *visit)
{
	if (!visit)
		return;
	request_free(visit->request);
	guard_end(front->guard, visit->entry);
	free(visit);
}

/* The server closes the socket after the second call, so the guard never meets a number that has
 * become another's. */
static void on_connection(void *cls, struct MHD_Connection *connection, void **visit,
			  enum MHD_ConnectionNotificationCode code)
{
	struct front *front = cls;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		visit_end(front, *visit);
		*visit = NULL;
		return;
	}
	int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	*visit = visit_begin(front, connection, fd);
	if (!*visit)
		shutdown(fd, SHUT_RDWR);
}

__attribute__((format(printf, 2, 0))) static void on_log(void *cls, const char *format,
							 va_list arguments)
{
	char text[512];

	(void)cls;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\n")] = '\0';
	log_debug(LOG_PLAIN, "libmicrohttpd: %s", text);
}

static void cut(int fd)
{
	shutdown(fd, SHUT_RDWR);
}

static int start_server(struct front *front, int fd)
{
	struct MHD_Daemon *server = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
		NULL, NULL, on_request, front, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, capacity_threads(),
		MHD_OPTION_CONNECTION_LIMIT, front->connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		POOL_BYTES, MHD_OPTION_URI_LOG_CALLBACK, on_target, front,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, front, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, front, MHD_OPTION_END);

	if (!server) {
		log_error(LOG_PLAIN, "cannot start the HTTP server");
		return -EIO;
	}
	front->servers[front->n_servers++] = server;
	return 0;
}

static int make_relay(struct front *front)
{
	const struct conf_daemon *daemon = &front->conf->daemon;
	const struct relay_patience patience = {
		.most_ms = daemon->hold_for_s * 1000 + PATIENCE_MORE_MS,
		.away_ms = daemon->hold_for_s * 1000,
	};
	_cleanup_(freep) char *path = NULL;
	int r = text_format(&path, "%s/scep.sock", daemon->runtime_directory);

	if (r < 0)
		return r;
	return relay_new(path, &patience, &front->relay);
}

static int make_guard(struct front *front)
{
	/* In all fewer than one server takes: with that limit reached nobody could come in. */
	const struct guard_limits limits = {
		.phase_ms =
			{[GUARD_HEAD] = HEAD_MS, [GUARD_BODY] = BODY_MS, [GUARD_REPLY] = REPLY_MS},
		.per_peer = PER_PEER,
		.total = front->connections / 8 * 7,
		.cut = cut,
	};

	return guard_new(&limits, &front->guard);
}

int front_new(struct conf *conf, const struct listeners *listeners, struct front **ret)
{
	_cleanup_(front_freep) struct front *front = calloc(1, sizeof(*front));

	if (!front)
		return -ENOMEM;
	pthread_mutex_init(&front->lock, NULL);
	front->conf = conf_ref(conf);
	front->connections = capacity_raise();
	front->budget.most = BODIES_BYTES;
	int r = make_guard(front);
	if (r == 0)
		r = make_relay(front);
	for (size_t i = 0; r == 0 && i < listeners->n; i++)
		r = start_server(front, listeners->fds[i]);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(front);
	return 0;
}

struct front *front_free(struct front *front)
{
	if (!front)
		return NULL;
	/* A server must not be stopped with connections suspended. */
	if (front->relay)
		relay_give_up(front->relay);
	for (size_t i = 0; i < front->n_servers; i++)
		MHD_stop_daemon(front->servers[i]);
	relay_free(front->relay);
	guard_free(front->guard);
	conf_unref(front->conf);
	pthread_mutex_destroy(&front->lock);
	free(front);
	return NULL;
}

void front_freep(struct front **front)
{
	front_free(*front);
}

void front_set_conf(struct front *front, struct conf *conf)
{
	pthread_mutex_lock(&front->lock);
	conf_unref(front->conf);
	front->conf = conf_ref(conf);
	pthread_mutex_unlock(&front->lock);
}

void front_prepare(struct front *front, int64_t now_ms, struct pollfd fds[static RELAY_FDS],
		   int64_t *ret_timeout_ms)
{
	relay_prepare(front->relay, now_ms, fds, ret_timeout_ms);
	if (*ret_timeout_ms > SWEEP_MS)
		*ret_timeout_ms = SWEEP_MS;
}

void front_step(struct front *front, int64_t now_ms)
{
	relay_step(front->relay, now_ms);
	guard_sweep(front->guard, now_ms);
}

void front_drain(struct front *front)
{
	for (size_t i = 0; !front->drained && i < front->n_servers; i++)
		MHD_quiesce_daemon(front->servers[i]);
	front->drained = true;
	guard_drain(front->guard);
}

void front_give_up(struct front *front)
{
	relay_give_up(front->relay);
}

void front_count(struct front *front, unsigned *ret_all, unsigned *ret_busy)
{
	guard_count(front->guard, ret_all, ret_busy);
}
