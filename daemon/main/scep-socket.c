/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/scep-socket.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/socket-guard.h"
#include "daemon/base/socket.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/enroll/park.h"
#include "daemon/flow/enroll/scep.h"
#include "daemon/flow/peer-bucket.h"
#include "daemon/flow/ra/relay.h"
#include "daemon/ipc/channel.h"
#include "daemon/main/held.h"
#include "daemon/main/listener.h"
#include "daemon/main/parking.h"
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define CONNECTIONS_MAX 64 /* front ends keep one or a few */
#define MODE_OF_GROUP	0660
#define RETRY_AFTER_S	10

struct connection;

struct scep_socket {
	struct daemon *daemon;
	struct listener listener;
	LIST_HEAD(, connection) connections;
	unsigned n_connections;
};

/* Shared by the event loop and the jobs whose answers go back over it. */
struct connection {
	LIST_ENTRY(connection) beside;
	unsigned references; /* the loop's alone */
	struct scep_socket *socket;
	sd_event_source *source;
	int fd;
};

struct scep_job {
	struct held_job held;
	struct connection *connection;
	struct flow *flow; /* as it was when the message came */
	struct crew *crew;
	struct ipc_packet packet;
	struct ipc_scep_request request; /* borrows from packet */
	int64_t received_s;  /* what decides who answers: the one that was active then */
	int64_t received_ms; /* monotonic */
	struct scep_result result;
	int outcome;
	bool parked; /* its recording was tried */
};

static void connection_unref(struct connection *connection)
{
	if (--connection->references)
		return;
	LIST_REMOVE(connection, beside);
	connection->socket->n_connections--;
	socket_guard_close(connection->fd);
	free(connection);
}

/* Ends the reading; jobs that are under way still answer. */
static void connection_close(struct connection *connection)
{
	if (!connection->source)
		return;
	connection->source = sd_event_source_disable_unref(connection->source);
	connection_unref(connection);
}

static void job_free(struct scep_job *job)
{
	scep_result_done(&job->result);
	ipc_packet_done(&job->packet);
	crew_give_back(job->crew);
	flow_unref(job->flow);
	connection_unref(job->connection);
	free(job);
}

static void send_reply(struct scep_job *job, unsigned status, unsigned retry_after_s,
		       struct span body)
{
	struct ipc_scep_reply reply = {
		.status = (uint16_t)status, .retry_after_s = (uint16_t)retry_after_s, .body = body};
	int r;

	r = ipc_send(job->connection->fd, IPC_SCEP_REPLY, job->packet.header.tag, &reply);
	if (r < 0) {
		log_debug(LOG_FIELDS(log_number("ERRNO", -r)),
			  "an answer found its front end gone");
		connection_close(job->connection);
	}
}

static void answer_later(struct scep_job *job, const char *why)
{
	send_reply(job, 503, RETRY_AFTER_S, span_of_text(why));
	job_free(job);
}

static void tell_away(struct scep_job *job)
{
	answer_later(job, "the token is away or busy: come back later\n");
}

static void run_park(struct job *base)
{
	struct scep_job *job = (struct scep_job *)base;
	struct scep_call call = {.server = job->request.server,
				 .peer = job->request.peer,
				 .message = job->request.message};

	job->parked = true;
	job->outcome = flow_park(job->flow, &call, job->result.awaits, job->received_s);
	if (job->outcome < 0)
		log_error(LOG_FIELDS(log_span("SERVER", job->request.server),
				     log_span("PEER", job->request.peer),
				     log_number("ERRNO", -job->outcome)),
			  "a message that waits for its token could not be recorded: %s",
			  strerror(-job->outcome));
}

/* A daemon that ends records what it has in hand: the workers gave it back undone. */
static void complete_park(struct job *base)
{
	struct scep_job *job = (struct scep_job *)base;

	if (!job->parked)
		run_park(base);
	tell_away(job);
}

/* Its client has nothing to wait for any more, but what it sent may. */
static void give_up(struct held_job *held)
{
	struct scep_job *job = (struct scep_job *)held;

	job->held.job.run = run_park;
	job->held.job.complete = complete_park;
	if (!job->result.awaits ||
	    parking_push(job->connection->socket->daemon->parking, &job->held.job) < 0)
		tell_away(job);
}

static void run(struct job *base)
{
	struct scep_job *job = (struct scep_job *)base;
	struct scep_call call = {.server = job->request.server,
				 .peer = job->request.peer,
				 .message = job->request.message};

	if (held_is_late(&job->held))
		return;
	scep_result_done(&job->result);
	job->outcome = flow_scep(job->flow, &call, job->received_s, &job->result);
}

static void run_relay(struct job *base)
{
	struct scep_job *job = (struct scep_job *)base;
	struct scep_call call = {.server = job->request.server,
				 .peer = job->request.peer,
				 .message = job->request.message};

	scep_result_done(&job->result);
	job->outcome = flow_relay(job->flow, &call, clock_monotonic_ms() - job->received_ms,
				  job->received_s, &job->result);
}

static void push(struct scep_job *job)
{
	struct scep_call call = {.server = job->request.server, .message = job->request.message};

	if (!job->crew) {
		answer_later(job, "not now\n");
		return;
	}
	job->held.workers = crew_workers(job->crew);
	job->held.job.bucket = peer_bucket(job->request.peer);
	job->held.job.known = flow_scep_is_known_peer(job->flow, &call);
	if (workers_push(job->held.workers, &job->held.job) < 0)
		answer_later(job, "too busy: come back later\n");
}

/* It goes to another server, and waits for it where nobody else waits. */
static void pass_on(struct scep_job *job, const struct authority *authority)
{
	struct daemon *daemon = job->connection->socket->daemon;

	crew_give_back(job->crew);
	job->crew =
		daemon->stopping ? NULL : crews_borrow_relay(daemon->crews, authority->conf->label);
	job->outcome = FLOW_LATER;
	job->held.job.run = run_relay;
	push(job);
}

static void complete(struct job *base)
{
	struct scep_job *job = (struct scep_job *)base;
	struct scep_result *result = &job->result;

	if (job->outcome == FLOW_RELAY) {
		pass_on(job, flow_find_authority(job->flow, job->request.server));
		return;
	}
	if (job->outcome == FLOW_LATER) {
		held_put(job->connection->socket->daemon->held, &job->held);
		return;
	}
	if (job->outcome < 0) {
		log_error(LOG_FIELDS(log_span("SERVER", job->request.server),
				     log_span("PEER", job->request.peer),
				     log_number("ERRNO", -job->outcome)),
			  "a SCEP message could not be answered: %s", strerror(-job->outcome));
		answer_later(job, "not now: an error of the server's, told in its log\n");
		return;
	}
	send_reply(job, result->status, result->retry_after_s, span_of(result->body));
	job_free(job);
}

/* FLOW_LATER until it has run: a job that the workers gave back undone at a stop ends as 503. */
static int job_new(struct connection *connection, struct ipc_packet *packet, struct scep_job **ret)
{
	struct scep_job *job = calloc(1, sizeof(*job));
	int r;

	if (!job)
		return -ENOMEM;
	r = ipc_decode(packet->content, IPC_SCEP_REQUEST, &job->request);
	if (r < 0) {
		free(job);
		return r;
	}
	job->packet = TAKE_STRUCT(*packet);
	job->outcome = FLOW_LATER;
	job->received_s = clock_now_s();
	job->received_ms = clock_monotonic_ms();
	job->held =
		(struct held_job){.job = {.run = run, .complete = complete}, .give_up = give_up};
	job->connection = connection;
	job->flow = flow_ref(connection->socket->daemon->flow);
	connection->references++;
	log_debug(LOG_PLAIN, "a SCEP message came");
	*ret = job;
	return 0;
}

/* The workers of the token that has the key which speaks for the active generation; of the server's
 * first before there is one, or where the configuration knows that one no more. */
static struct crew *borrow_crew(const struct scep_job *job, const struct authority *authority)
{
	struct crews *crews = job->connection->socket->daemon->crews;
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, job->received_s);
	const struct exchange *speaker =
		active ? generations_exchange(generations, authority->conf, active, job->received_s)
		       : NULL;
	const char *first = conf_server_first_token(authority->conf);
	struct crew *crew = speaker ? crews_borrow(crews, speaker->token) : NULL;

	return crew || !first ? crew : crews_borrow(crews, first);
}

static void dispatch(struct scep_job *job)
{
	struct authority *authority = flow_find_authority(job->flow, job->request.server);

	if (!authority) {
		send_reply(job, 404, 0, SPAN_LITERAL("no such server\n"));
		job_free(job);
		return;
	}
	if (conf_server_is_transparent(authority->conf)) {
		pass_on(job, authority);
		return;
	}
	job->crew = borrow_crew(job, authority);
	push(job);
}

/* One message of a front end. -errno closes it. */
static int receive(struct connection *connection)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct scep_job *job;
	int r;

	r = SOCKET_GUARDED(ipc_receive(connection->fd, &packet));
	if (r < 0)
		return r;
	if (packet.header.number != IPC_SCEP_REQUEST)
		return -EBADMSG;
	r = job_new(connection, &packet, &job);
	if (r < 0)
		return r;
	dispatch(job);
	return 0;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct connection *connection = context;
	int r;

	(void)source;
	(void)fd;
	(void)events;
	r = receive(connection);
	if (!r || r == -EAGAIN)
		return 0;
	if (r != -ECONNRESET)
		log_warning(LOG_FIELDS(log_number("ERRNO", -r)),
			    "a front end broke the protocol and was closed");
	connection_close(connection);
	return 0;
}

static void on_connect(void *context, int fd)
{
	struct scep_socket *socket = context;
	struct connection *connection = NULL;

	if (socket->n_connections < CONNECTIONS_MAX)
		connection = calloc(1, sizeof(*connection));
	if (!connection) {
		socket_guard_close(fd);
		return;
	}
	*connection = (struct connection){.references = 1, .socket = socket, .fd = fd};
	socket->n_connections++;
	LIST_INSERT_HEAD(&socket->connections, connection, beside);
	if (sd_event_add_io(socket->daemon->loop, &connection->source, fd, EPOLLIN, on_readable,
			    connection) < 0)
		connection_unref(connection);
}

int scep_socket_open(struct daemon *daemon, struct scep_socket **ret)
{
	struct scep_socket *scep = calloc(1, sizeof(*scep));
	const struct listener_place place = {
		.name = "scep",
		.directory = daemon->flow->conf->daemon.runtime_directory,
		.type = SOCK_SEQPACKET,
		.mode = MODE_OF_GROUP,
	};
	int r;

	if (!scep)
		return -ENOMEM;
	scep->daemon = daemon;
	r = listener_open(daemon->loop, &place, on_connect, scep, &scep->listener);
	if (r < 0) {
		free(scep);
		return r;
	}
	*ret = scep;
	return 0;
}

void scep_socket_stop(struct scep_socket *socket)
{
	if (socket)
		listener_close(&socket->listener);
}

/* No job is left: each connection is the loop's alone. */
struct scep_socket *scep_socket_free(struct scep_socket *socket)
{
	struct connection *connection, *next;

	if (!socket)
		return NULL;
	for (connection = LIST_FIRST(&socket->connections); connection; connection = next) {
		next = LIST_NEXT(connection, beside);
		connection_close(connection);
	}
	free(socket);
	return NULL;
}
