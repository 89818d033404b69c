/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/control-socket.h"
#include "daemon/base/clock.h"
#include "daemon/base/log-event.h"
#include "daemon/base/socket-guard.h"
#include "daemon/base/socket.h"
#include "daemon/flow/control/control.h"
#include "daemon/ipc/control-request.h"
#include "daemon/ipc/control-stream.h"
#include "daemon/main/listener.h"
#include "daemon/main/reload.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#define CONNECTIONS_MAX	    128
#define CONNECTIONS_OF_USER 16
/* Of all who have no role together: one person may have many uids. */
#define CONNECTIONS_OF_NONE 32
#define MODE_OF_ALL	    0666
#define SEND_TIMEOUT_MS	    10000 /* on a worker; an operator who does not read */

struct caller;

struct control_socket {
	struct daemon *daemon;
	struct listener listener;
	LIST_HEAD(, caller) callers;
	bool stopped;
};

struct caller {
	LIST_ENTRY(caller) beside;
	struct control_socket *socket;
	struct peer peer;
	enum control_role role;
	char actor[32];
	struct control_reader reader;
	sd_event_source *source;
	bool busy; /* a call of his is on a worker: nothing is read meanwhile */
	int fd;
};

struct control_job {
	struct job job;
	struct caller *caller;
	struct flow *flow;  /* as it was when the call came */
	struct flow *fresh; /* that a reload made, to be adopted before it is answered */
	json_t *answer;	    /* of a reload */
	struct control_request request;
	bool sent;
};

static void caller_free(struct caller *caller)
{
	LIST_REMOVE(caller, beside);
	sd_event_source_disable_unref(caller->source);
	control_reader_done(&caller->reader);
	socket_guard_close(caller->fd);
	free(caller);
}

static void run(struct job *base)
{
	struct control_job *job = (struct control_job *)base;
	struct control_turn turn = {
		.flow = job->flow,
		.ret_fresh = &job->fresh,
		.actor = job->caller->actor,
		.parameters = job->request.parameters,
		.now_s = clock_now_s(),
	};
	_cleanup_(control_jsonp) json_t *answer = flow_control(&turn, job->request.method);

	if (job->fresh)
		job->answer = TAKE_PTR(answer);
	else
		job->sent = answer && !control_send(job->caller->fd, answer, SEND_TIMEOUT_MS);
}

static int serve(struct caller *caller);
static int answer_now(struct caller *caller, json_t *answer);

/* What the caller does after the answer meets the new configuration. */
static bool adopt(struct control_job *job)
{
	struct caller *caller = job->caller;
	json_t *answer = TAKE_PTR(job->answer);

	if (reload_adopt(caller->socket->daemon, TAKE_PTR(job->fresh)) < 0) {
		json_decref(answer);
		answer = control_error_new(CONTROL_ERROR_FAULT, NULL,
					   "the configuration stays as it was: see the log");
	}
	return answer_now(caller, answer) >= 0;
}

static void complete(struct job *base)
{
	struct control_job *job = (struct control_job *)base;
	struct caller *caller = job->caller;
	bool go_on;

	if (job->fresh)
		job->sent = adopt(job);
	go_on = job->sent && !caller->socket->stopped;
	flow_unref(job->flow);
	control_request_done(&job->request);
	free(job);
	caller->busy = false;
	if (!go_on || serve(caller) < 0)
		caller_free(caller);
}

static int answer_now(struct caller *caller, json_t *answer)
{
	int r = answer ? control_send(caller->fd, answer, 0) : -ENOMEM;

	json_decref(answer);
	return r;
}

/* What waits for a server beyond this machine keeps no other operator from his work. */
static struct workers *workers_for(const struct daemon *daemon, enum control_method method)
{
	static const enum control_method far[] = {
		CONTROL_TRUSTPOINT_LOOK,   CONTROL_TRUSTPOINT_ACCEPT,
		CONTROL_TRUSTPOINT_ENROLL, CONTROL_TRUSTPOINT_IMPORT,
		CONTROL_TRUSTPOINT_CLEAR,  CONTROL_TRUSTPOINT_VERIFY,
		CONTROL_SERVER_ROLLOVER,   CONTROL_SERVER_ROLLOVER_CANCEL,
	};

	for (size_t i = 0; i < ELEMENTS(far); i++)
		if (far[i] == method)
			return daemon->away;
	return daemon->desk;
}

static int begin(struct caller *caller, struct control_request *request)
{
	struct control_job *job = calloc(1, sizeof(*job));
	int r;

	if (!job)
		return -ENOMEM;
	*job = (struct control_job){.job = {.known = true,
					    .bucket = caller->peer.uid,
					    .run = run,
					    .complete = complete},
				    .caller = caller,
				    .flow = flow_ref(caller->socket->daemon->flow),
				    .request = TAKE_STRUCT(*request)};
	log_info(LOG_FIELDS(log_text("ACTOR", caller->actor)), "operator calls %s",
		 control_describe(job->request.method)->name);
	caller->busy = true;
	sd_event_source_set_enabled(caller->source, SD_EVENT_OFF);
	r = workers_push(workers_for(caller->socket->daemon, job->request.method), &job->job);
	if (!r)
		return 0;
	caller->busy = false;
	flow_unref(job->flow);
	control_request_done(&job->request);
	free(job);
	return answer_now(caller, control_error_new(CONTROL_ERROR_LATER, NULL,
						    "too many commands are under way: try again"));
}

static int take(struct caller *caller, const json_t *message)
{
	_cleanup_(control_request_done) struct control_request request = {};
	json_t *error = NULL;
	int r;

	r = control_request_read(message, caller->role, &request, &error);
	if (r < 0)
		return r;
	if (r == CONTROL_REQUEST_REFUSED) {
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_OPERATOR_REFUSED),
				      log_text("ACTOR", caller->actor),
				      log_text("ROLE", control_role_name(caller->role))),
			   "an operator's call was refused");
		return answer_now(caller, error);
	}
	return begin(caller, &request);
}

/* Takes what was read, one call at a time. -errno closes the connection. */
static int serve(struct caller *caller)
{
	while (!caller->busy) {
		_cleanup_(control_jsonp) json_t *message = NULL;
		int r = control_reader_next(&caller->reader, &message);

		if (r == CONTROL_READER_MORE)
			return sd_event_source_set_enabled(caller->source, SD_EVENT_ON);
		if (r >= 0)
			r = take(caller, message);
		if (r < 0)
			return r;
	}
	return 0;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct caller *caller = context;
	int r;

	(void)source;
	(void)events;
	r = SOCKET_GUARDED(control_reader_fill(&caller->reader, fd));
	if (r == -EAGAIN)
		return 0;
	if (r >= 0)
		r = serve(caller);
	if (r < 0)
		caller_free(caller);
	return 0;
}

static bool has_room(const struct control_socket *socket, const struct caller *new)
{
	unsigned all = 0, his = 0, none = 0;
	const struct caller *caller;

	LIST_FOREACH(caller, &socket->callers, beside)
	{
		all++;
		his += caller->peer.uid == new->peer.uid;
		none += caller->role == CONTROL_ROLE_NONE;
	}
	if (new->role == CONTROL_ROLE_NONE && none >= CONNECTIONS_OF_NONE)
		return false;
	return all < CONNECTIONS_MAX && (his < CONNECTIONS_OF_USER || new->peer.uid == 0);
}

static struct caller *caller_new(struct control_socket *socket, int fd)
{
	struct caller *caller = calloc(1, sizeof(*caller));

	if (!caller)
		return NULL;
	if (socket_peer(fd, &caller->peer) == 0) {
		caller->role = control_role_of(&caller->peer, geteuid());
		if (has_room(socket, caller))
			return caller;
	}
	free(caller);
	return NULL;
}

static void on_connect(void *context, int fd)
{
	struct control_socket *socket = context;
	struct caller *caller = caller_new(socket, fd);

	if (!caller) {
		socket_guard_close(fd);
		return;
	}
	caller->socket = socket;
	caller->fd = fd;
	snprintf(caller->actor, sizeof(caller->actor), "uid %u", caller->peer.uid);
	control_reader_init(&caller->reader, CONTROL_REQUEST_MOST);
	LIST_INSERT_HEAD(&socket->callers, caller, beside);
	if (sd_event_add_io(socket->daemon->loop, &caller->source, fd, EPOLLIN, on_readable,
			    caller) < 0)
		caller_free(caller);
}

int control_socket_open(struct daemon *daemon, struct control_socket **ret)
{
	struct control_socket *control = calloc(1, sizeof(*control));
	const struct listener_place place = {
		.name = "control",
		.directory = daemon->flow->conf->daemon.runtime_directory,
		.type = SOCK_STREAM,
		.mode = MODE_OF_ALL,
		.refuses_descriptors = true,
	};
	int r;

	if (!control)
		return -ENOMEM;
	control->daemon = daemon;
	r = listener_open(daemon->loop, &place, on_connect, control, &control->listener);
	if (r < 0) {
		free(control);
		return r;
	}
	*ret = control;
	return 0;
}

void control_socket_stop(struct control_socket *socket)
{
	if (!socket)
		return;
	socket->stopped = true;
	listener_close(&socket->listener);
}

struct control_socket *control_socket_free(struct control_socket *socket)
{
	struct caller *caller, *next;

	if (!socket)
		return NULL;
	for (caller = LIST_FIRST(&socket->callers); caller; caller = next) {
		next = LIST_NEXT(caller, beside);
		caller_free(caller);
	}
	free(socket);
	return NULL;
}
