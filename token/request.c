/* SPDX-License-Identifier: Apache-2.0 */
#include "token/request.h"
#include "daemon/base/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum request_door door;
	struct request_kind kind;
} kinds[] = {
	/* clang-format off */
	{REQUEST_DAEMON, {IPC_TOKEN_STATUS, true, request_status}},
	{REQUEST_DAEMON, {IPC_TOKEN_KEY, true, request_key}},
	{REQUEST_DAEMON, {IPC_TOKEN_MAKE, false, request_make}},
	{REQUEST_DAEMON, {IPC_TOKEN_SIGN, false, request_sign}},
	{REQUEST_DAEMON, {IPC_TOKEN_UNWRAP, false, request_unwrap}},
	{REQUEST_DAEMON, {IPC_TOKEN_RELABEL, false, request_relabel}},
	{REQUEST_DAEMON, {IPC_TOKEN_DESTROY, false, request_destroy}},
	{REQUEST_DAEMON, {IPC_TOKEN_LOG, true, request_log}},
	{REQUEST_DAEMON, {IPC_TOKEN_NOTE, false, request_note}},
	{REQUEST_DAEMON, {IPC_TOKEN_ARCHIVE, false, request_archive}},
	{REQUEST_DAEMON, {IPC_TOKEN_SEAL, false, request_seal}},
	{REQUEST_DAEMON, {IPC_TOKEN_USE, false, request_use}},
	{REQUEST_DAEMON, {IPC_TOKEN_OPEN, false, request_open}},
	{REQUEST_OPERATOR, {IPC_TOKEN_STATUS, true, request_status}},
	{REQUEST_OPERATOR, {IPC_TOKEN_KEY, true, request_key}},
	{REQUEST_OPERATOR, {IPC_TOKEN_LOGIN, false, request_login}},
	{REQUEST_OPERATOR, {IPC_TOKEN_SURVEY, false, request_survey}},
	{REQUEST_OPERATOR, {IPC_TOKEN_INIT, false, request_init}},
	{REQUEST_OPERATOR, {IPC_TOKEN_ZEROIZE, false, request_zeroize}},
	{REQUEST_OPERATOR, {IPC_TOKEN_GENERATE, false, request_generate}},
	{REQUEST_OPERATOR, {IPC_TOKEN_IMPORT, false, request_import}},
	{REQUEST_OPERATOR, {IPC_TOKEN_EXPORT, false, request_export}},
	{REQUEST_OPERATOR, {IPC_TOKEN_SEAL, false, request_seal}},
	{REQUEST_OPERATOR, {IPC_TOKEN_BACKUP, false, request_backup}},
	{REQUEST_OPERATOR, {IPC_TOKEN_RESTORE, false, request_restore}},
	{REQUEST_OPERATOR, {IPC_TOKEN_OFFER, false, request_offer}},
	{REQUEST_OPERATOR, {IPC_TOKEN_GIVE, false, request_give}},
	{REQUEST_OPERATOR, {IPC_TOKEN_TAKE, false, request_take_wrapping}},
	{REQUEST_OPERATOR, {IPC_TOKEN_ADOPT, false, request_adopt}},
	/* clang-format on */
};

const struct request_kind *request_find_kind(enum request_door door, enum ipc_number number)
{
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		if (kinds[i].door == door && kinds[i].kind.number == number)
			return &kinds[i].kind;
	}
	return NULL;
}

static void request_done(struct request *request)
{
	ipc_packet_done(&request->packet);
	connection_end(request->connection);
	connection_unref(request->connection);
	free(request);
}

static void run(struct pool_job *job, unsigned seat)
{
	struct request *request = (struct request *)job;

	request->kind->handle(request, seat);
	request_done(request);
}

/* The process ends: the peer asks the next one. */
static void drop(struct pool_job *job)
{
	request_done((struct request *)job);
}

static int request_new(struct connection *connection, struct ipc_packet *packet,
		       struct request **ret)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return -ENOMEM;
	request->job.run = run;
	request->job.drop = drop;
	request->connection = connection_ref(connection);
	request->packet = TAKE_STRUCT(*packet);
	*ret = request;
	return 0;
}

static int decode(struct request *request)
{
	return ipc_decode(request->packet.content, request->packet.header.number,
			  &request->message);
}

/* Now, or by a thread of the pool. */
static void serve(struct request *request, struct pool *pool)
{
	if (request->kind->at_once) {
		run(&request->job, 0);
		return;
	}
	if (pool_submit(pool, &request->job) == 0)
		return;
	request_fail(request, IPC_FAILURE_LATER, "too much waits for this token already");
	request_done(request);
}

int request_take(struct service *service, struct pool *pool, enum request_door door,
		 struct connection *connection, struct ipc_packet *packet)
{
	const struct request_kind *kind = request_find_kind(door, packet->header.number);
	struct request *request;
	int r;

	if (!kind) {
		log_warning(LOG_FIELDS(log_text("MESSAGE", ipc_name(packet->header.number)),
				       log_number("PEER_UID", connection_uid(connection)),
				       log_number("PEER_PID", connection_pid(connection))),
			    "a message that this socket doesn't serve: its sender is cut off");
		return -EBADMSG;
	}
	if (!connection_begin(connection)) {
		connection_fail(connection, packet->header.tag, IPC_FAILURE_LATER,
				"too many requests of this peer are under way");
		return 0;
	}
	r = request_new(connection, packet, &request);
	if (r < 0) {
		connection_end(connection);
		return r;
	}
	request->service = service;
	request->kind = kind;
	r = decode(request);
	if (r < 0)
		request_done(request);
	else
		serve(request, pool);
	return r;
}

void request_answer(struct request *request, enum ipc_number number, const void *message)
{
	connection_send(request->connection, number, request->packet.header.tag, message);
}

void request_fail(struct request *request, enum ipc_failure code, const char *format, ...)
{
	char reason[1024];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	connection_fail(request->connection, request->packet.header.tag, code, reason);
}

void request_fail_keeper(struct request *request, int result, const char *reason)
{
	if (result == KEEPER_LATER || result == -ENOMEM)
		request_fail(request, IPC_FAILURE_LATER, "%s", reason ? reason : "out of memory");
	else if (result == KEEPER_REFUSED)
		request_fail(request, IPC_FAILURE_REFUSED, "%s", reason ? reason : "refused");
	else
		request_fail(request, IPC_FAILURE_FAULT, "%s", strerrordesc_np(-result));
}

struct held_charter *request_find_key(struct request *request, struct span key_sha256)
{
	struct held_charter *held = charters_find(request->service->charters, key_sha256);

	if (!held)
		request_fail(request, IPC_FAILURE_NOT_FOUND, "no key with a charter has this name");
	return held;
}
