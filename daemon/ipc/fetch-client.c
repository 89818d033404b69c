/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/fetch-client.h"
#include "daemon/base/files.h"
#include "daemon/base/socket.h"
#include "daemon/ipc/channel.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* claviger-fetch ends a transfer itself; it may also have to be started first. */
#define PATIENCE_MORE_MS 10000
#define URL_MOST	 2048
/* With a message in its query. */
#define SCEP_URL_MOST	 16384
#define NAMED_BYTES_MOST 512 /* of a URL, in a reason */

struct under_way {
	struct under_way *next;
	int fd;
};

struct fetch_canceller {
	pthread_mutex_t lock;
	bool is_cancelled;
	struct under_way *calls; /* each on its caller's stack */
};

int fetch_canceller_new(struct fetch_canceller **ret)
{
	struct fetch_canceller *canceller = calloc(1, sizeof(*canceller));

	if (!canceller)
		return -ENOMEM;
	pthread_mutex_init(&canceller->lock, NULL);
	*ret = canceller;
	return 0;
}

struct fetch_canceller *fetch_canceller_free(struct fetch_canceller *canceller)
{
	if (!canceller)
		return NULL;
	assert(!canceller->calls);
	pthread_mutex_destroy(&canceller->lock);
	free(canceller);
	return NULL;
}

void fetch_cancel(struct fetch_canceller *canceller)
{
	pthread_mutex_lock(&canceller->lock);
	canceller->is_cancelled = true;
	for (struct under_way *call = canceller->calls; call; call = call->next)
		shutdown(call->fd, SHUT_RDWR);
	pthread_mutex_unlock(&canceller->lock);
}

bool fetch_is_cancelled(struct fetch_canceller *canceller)
{
	bool is_cancelled;

	pthread_mutex_lock(&canceller->lock);
	is_cancelled = canceller->is_cancelled;
	pthread_mutex_unlock(&canceller->lock);
	return is_cancelled;
}

static void enter(struct fetch_canceller *canceller, struct under_way *call)
{
	if (!canceller)
		return;
	pthread_mutex_lock(&canceller->lock);
	call->next = canceller->calls;
	canceller->calls = call;
	if (canceller->is_cancelled)
		shutdown(call->fd, SHUT_RDWR);
	pthread_mutex_unlock(&canceller->lock);
}

/* Before its socket is closed: the number may be another's then. */
static void leave(struct fetch_canceller *canceller, struct under_way *call)
{
	if (!canceller)
		return;
	pthread_mutex_lock(&canceller->lock);
	for (struct under_way **at = &canceller->calls; *at; at = &(*at)->next) {
		if (*at != call)
			continue;
		*at = call->next;
		break;
	}
	pthread_mutex_unlock(&canceller->lock);
}

static const struct {
	enum ipc_failure code;
	enum fetch_outcome outcome;
} outcomes[] = {
	{IPC_FAILURE_NOT_FOUND, FETCH_NOT_FOUND},
	{IPC_FAILURE_REFUSED, FETCH_REFUSED},
	{IPC_FAILURE_INVALID, FETCH_REFUSED},
};

static int read_failure(const struct ipc_packet *packet, char **ret_reason)
{
	struct ipc_failed failed;
	int r = ipc_decode(packet->content, IPC_FAILED, &failed);

	if (r >= 0)
		r = text_format(ret_reason, "%.*s", (int)failed.reason.size,
				(const char *)failed.reason.data);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ELEMENTS(outcomes); i++)
		if (failed.code == outcomes[i].code)
			return outcomes[i].outcome;
	return FETCH_FAILED;
}

/* How much of a URL a reason holds: a query may be a whole message, or say who asks. */
static int named_bytes(const char *url)
{
	size_t n = strcspn(url, "?");

	return n < NAMED_BYTES_MOST ? (int)n : NAMED_BYTES_MOST;
}

/* A connection that breaks tells nothing of the transfer: it may be tried again. */
static int explain(const struct fetch_order *order, const char *path, int error, char **ret_reason)
{
	bool is_absent = error == -ENOENT || error == -ECONNREFUSED;
	int r;

	if (error == -ENOMEM)
		return error;
	r = text_format(ret_reason, "%.*s: %s: %s%s", named_bytes(order->url), order->url, path,
			strerrordesc_np(-error),
			is_absent	   ? ": systemctl start claviger-fetch.socket"
			: error == -EACCES ? ": only clavigerd and administrators may use it"
					   : "");
	return r < 0 ? r : FETCH_FAILED;
}

static int call(const struct fetch_order *order, enum ipc_number number, const void *message,
		struct ipc_packet *ret, char **ret_reason)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;
	struct under_way under_way;
	int r;

	assert(order->timeout_s > 0 && order->timeout_s <= FETCH_TIMEOUT_MOST);
	r = text_format(&path, "%s/fetch.sock", order->runtime_directory);
	if (r < 0)
		return r;
	r = socket_connect(path, SOCK_SEQPACKET, &fd);
	if (r < 0)
		return explain(order, path, r, ret_reason);
	under_way.fd = fd;
	enter(order->canceller, &under_way);
	r = ipc_call(fd, number, message, (int64_t)order->timeout_s * 1000 + PATIENCE_MORE_MS, ret);
	leave(order->canceller, &under_way);
	if (r == IPC_CALL_FAILED)
		return read_failure(ret, ret_reason);
	return r < 0 ? explain(order, path, r, ret_reason) : 0;
}

/* A certificate may name one of any length. */
static int check_url(const struct fetch_order *order, char **ret_reason)
{
	int r;

	if (strlen(order->url) <= URL_MOST)
		return 0;
	r = text_format(ret_reason, "%.*s…: a URL of more than %d bytes is not asked for",
			named_bytes(order->url), order->url, URL_MOST);
	return r < 0 ? r : FETCH_REFUSED;
}

int fetch_get(const struct fetch_order *order, size_t limit_bytes, struct bytes *ret,
	      char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_fetch_get message = {
		.url = span_of_text(order->url),
		.user = span_of_text(order->user),
		.password = order->password,
		.limit_bytes = (uint32_t)limit_bytes,
		.timeout_s = (uint16_t)order->timeout_s,
	};
	struct ipc_fetch_content content;
	int r;

	assert(limit_bytes > 0 && limit_bytes <= FETCH_CONTENT_MOST);
	r = check_url(order, ret_reason);
	if (!r)
		r = call(order, IPC_FETCH_GET, &message, &packet, ret_reason);
	if (r)
		return r;
	r = ipc_decode(packet.content, IPC_FETCH_CONTENT, &content);
	if (r >= 0 && content.content.size > limit_bytes)
		r = -EBADMSG;
	return r < 0 ? explain(order, "fetch.sock", r, ret_reason)
		     : bytes_copy(content.content, ret);
}

int fetch_put(const struct fetch_order *order, struct span content, char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_fetch_put message = {
		.url = span_of_text(order->url),
		.user = span_of_text(order->user),
		.password = order->password,
		.timeout_s = (uint16_t)order->timeout_s,
		.content = content,
	};
	int r = check_url(order, ret_reason);

	return r ? r : call(order, IPC_FETCH_PUT, &message, &packet, ret_reason);
}

void fetch_answer_done(struct fetch_answer *answer)
{
	free(answer->content_type);
	bytes_done(&answer->content);
	*answer = (struct fetch_answer){};
}

static int read_answer(const struct ipc_packet *packet, size_t limit_bytes,
		       struct fetch_answer *ret)
{
	_cleanup_(fetch_answer_done) struct fetch_answer answer = {};
	struct ipc_fetch_answer message;
	int r = ipc_decode(packet->content, IPC_FETCH_ANSWER, &message);

	if (r >= 0 && message.content.size > limit_bytes)
		r = -EBADMSG;
	if (r >= 0)
		r = span_to_text(message.content_type, &answer.content_type);
	if (r >= 0)
		r = bytes_copy(message.content, &answer.content);
	if (r < 0)
		return r;
	answer.status = message.status;
	answer.retry_after_s = message.retry_after_s;
	*ret = TAKE_STRUCT(answer);
	return 0;
}

int fetch_scep(const struct fetch_order *order, struct span message, size_t limit_bytes,
	       struct fetch_answer *ret, char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};
	struct ipc_fetch_scep question = {
		.url = span_of_text(order->url),
		.limit_bytes = (uint32_t)limit_bytes,
		.timeout_s = (uint16_t)order->timeout_s,
		.content = message,
	};
	int r;

	assert(limit_bytes > 0 && limit_bytes <= FETCH_CONTENT_MOST);
	assert(message.size <= FETCH_MESSAGE_MOST);
	if (question.url.size > SCEP_URL_MOST) {
		r = text_format(
			ret_reason,
			"%.*s…: a URL of more than %d bytes is not asked for: the server has "
			"to take messages by POST",
			named_bytes(order->url), order->url, SCEP_URL_MOST);
		return r < 0 ? r : FETCH_REFUSED;
	}
	r = call(order, IPC_FETCH_SCEP, &question, &packet, ret_reason);
	if (r)
		return r;
	r = read_answer(&packet, limit_bytes, ret);
	return r < 0 ? explain(order, "fetch.sock", r, ret_reason) : 0;
}

int fetch_trap(const struct fetch_order *order, const struct ipc_fetch_trap *trap,
	       char **ret_reason)
{
	_cleanup_(ipc_packet_done) struct ipc_packet packet = {};

	return call(order, IPC_FETCH_TRAP, trap, &packet, ret_reason);
}
