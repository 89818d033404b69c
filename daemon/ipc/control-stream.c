/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/control-stream.h"

#include "daemon/base/clock.h"
#include "daemon/ipc/wait.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CHUNK		((size_t)65536)
#define CALL_TIMEOUT_MS 30000 /* for a daemon that does not read */

void control_reader_init(struct control_reader *reader, size_t limit)
{
	*reader = (struct control_reader){.limit = limit};
}

void control_reader_done(struct control_reader *reader)
{
	if (reader->pending.data)
		wipe(reader->pending.data, reader->pending.size);
	buffer_done(&reader->pending);
}

static size_t waiting(const struct control_reader *reader)
{
	return reader->pending.size - reader->start;
}

/* Moves what waits to the front: at most part of one message where all others were taken. */
static void compact(struct control_reader *reader)
{
	size_t size = waiting(reader);

	if (reader->start == 0)
		return;
	memmove(reader->pending.data, reader->pending.data + reader->start, size);
	reader->pending.size = size;
	reader->scanned -= reader->start;
	reader->start = 0;
}

int control_reader_feed(struct control_reader *reader, struct span bytes)
{
	if (bytes.size > reader->limit - waiting(reader))
		return -EMSGSIZE;
	compact(reader);
	buffer_append(&reader->pending, bytes);
	return reader->pending.error;
}

int control_reader_fill(struct control_reader *reader, int fd)
{
	size_t room = reader->limit - waiting(reader);
	uint8_t chunk[CHUNK];
	ssize_t n;

	if (room == 0)
		return -EMSGSIZE;
	do
		n = recv(fd, chunk, room < CHUNK ? room : CHUNK, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ECONNRESET;
	int r = control_reader_feed(reader, SPAN(chunk, (size_t)n));
	wipe(chunk, (size_t)n);
	return r;
}

int control_reader_next(struct control_reader *reader, json_t **ret)
{
	_cleanup_(control_jsonp) json_t *message = NULL;
	const uint8_t *end, *data = reader->pending.data;
	size_t size = reader->pending.size;

	end = size > reader->scanned ? memchr(data + reader->scanned, 0, size - reader->scanned)
				     : NULL;
	if (!end) {
		reader->scanned = size;
		return CONTROL_READER_MORE;
	}
	size_t at = (size_t)(end - data);
	message = json_loadb((const char *)data + reader->start, at - reader->start,
			     JSON_REJECT_DUPLICATES, NULL);
	reader->start = reader->scanned = at + 1;
	if (!json_is_object(message))
		return -EBADMSG;
	*ret = TAKE_PTR(message);
	return 0;
}

static int send_all(int fd, const char *data, size_t size, int64_t deadline_ms)
{
	while (size > 0) {
		int r = wait_until_ready(fd, POLLOUT, deadline_ms);
		if (r < 0)
			return r;
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

int control_send(int fd, const json_t *message, int64_t timeout_ms)
{
	char *text = json_dumps(message, JSON_COMPACT);
	int r = -EMSGSIZE;

	if (!text)
		return -ENOMEM;
	size_t size = strlen(text) + 1;
	if (size <= CONTROL_REPLY_MOST)
		r = send_all(fd, text, size, clock_monotonic_ms() + timeout_ms);
	/* It may hold a one-time password. */
	wipe(text, size);
	free(text);
	return r;
}

/* The call. */

static int send_call(int fd, enum control_method method, json_t *parameters, bool more)
{
	_cleanup_(control_jsonp) json_t *message = NULL;
	char name[64] = CONTROL_PREFIX;

	strncat(name, control_describe(method)->name, sizeof(name) - strlen(name) - 1);
	message = json_pack("{s:s}", "method", name);
	if (!message)
		return -ENOMEM;
	if (parameters && json_object_set(message, "parameters", parameters) < 0)
		return -ENOMEM;
	if (more && json_object_set_new(message, "more", json_true()) < 0)
		return -ENOMEM;
	return control_send(fd, message, CALL_TIMEOUT_MS);
}

static int receive_message(struct control_reader *reader, int fd, json_t **ret)
{
	for (;;) {
		int r = control_reader_next(reader, ret);
		if (r != CONTROL_READER_MORE)
			return r;
		r = control_reader_fill(reader, fd);
		if (r == -EAGAIN)
			r = wait_until_ready(fd, POLLIN, INT64_MAX);
		if (r < 0)
			return r == -EMSGSIZE ? -EBADMSG : r;
	}
}

enum answer { ANSWER_PROGRESS, ANSWER_LAST, ANSWER_ERROR, ANSWER_BAD };

/* What kind of answer it is; its parameters, an object, are put in where it has none. */
static enum answer classify(json_t *message)
{
	const json_t *parameters = json_object_get(message, "parameters");
	const json_t *error = json_object_get(message, "error");
	const json_t *continues = json_object_get(message, "continues");

	if (!parameters && json_object_set_new(message, "parameters", json_object()) < 0)
		return ANSWER_BAD;
	if ((parameters && !json_is_object(parameters)) || (error && !json_is_string(error)) ||
	    (continues && !json_is_boolean(continues)))
		return ANSWER_BAD;
	if (error)
		return ANSWER_ERROR;
	return json_is_true(continues) ? ANSWER_PROGRESS : ANSWER_LAST;
}

/* Answers until the last one. @ret is that whole message. */
static int receive_answer(struct control_reader *reader, int fd,
			  const struct control_progress *progress, json_t **ret)
{
	for (;;) {
		_cleanup_(control_jsonp) json_t *message = NULL;
		int r = receive_message(reader, fd, &message);
		if (r < 0)
			return r;
		enum answer answer = classify(message);
		if (answer == ANSWER_BAD || (answer == ANSWER_PROGRESS && !progress))
			return -EBADMSG;
		if (answer == ANSWER_PROGRESS) {
			progress->tell(progress->userdata, json_object_get(message, "parameters"));
			continue;
		}
		/* Nobody asked for what else is there. */
		if (waiting(reader) > 0)
			return -EBADMSG;
		*ret = TAKE_PTR(message);
		return answer == ANSWER_ERROR ? CONTROL_CALL_ERROR : 0;
	}
}

int control_call(int fd, enum control_method method, json_t *parameters,
		 const struct control_progress *progress, json_t **ret)
{
	_cleanup_(control_reader_done) struct control_reader reader = {0};
	_cleanup_(control_jsonp) json_t *message = NULL;
	int r;

	control_reader_init(&reader, CONTROL_REPLY_MOST);
	r = send_call(fd, method, parameters, progress != NULL);
	if (r < 0)
		return r;
	r = receive_answer(&reader, fd, progress, &message);
	if (r < 0)
		return r;
	if (r == CONTROL_CALL_ERROR)
		*ret = TAKE_PTR(message);
	else
		*ret = json_incref(json_object_get(message, "parameters"));
	return r;
}
