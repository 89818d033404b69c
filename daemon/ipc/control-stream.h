/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages of the operators' protocol on their way over a stream socket: a reader that bytes are
 * fed to, a writer, and the whole call as the operator's command makes it. A message is one JSON
 * object (no name twice in it) and a NUL.
 */

#include "daemon/base/bytes.h"
#include "daemon/ipc/control.h"

/* The largest message with its NUL: a request, and an answer (lists are long). */
#define CONTROL_REQUEST_MOST ((size_t)13 << 20)
#define CONTROL_REPLY_MOST   ((size_t)16 << 20)

/* Fields are the reader's own. */
struct control_reader {
	struct buffer pending;
	size_t start;	/* of the next message in what is pending */
	size_t scanned; /* no NUL from start to here */
	size_t limit;
};

/* Reads messages of at most @limit bytes. */
void control_reader_init(struct control_reader *reader, size_t limit);
/* Wipes and frees. */
void control_reader_done(struct control_reader *reader);
/* Adds bytes as they came. -EMSGSIZE where more than the limit would wait to be taken: take
 * everything by control_reader_next() before feeding again. -ENOMEM. */
_checked_ int control_reader_feed(struct control_reader *reader, struct span bytes);
/* Receives once from @fd what is there, as much as may be fed. -EAGAIN where @fd does not block and
 * nothing is there, -ECONNRESET at its end, -EMSGSIZE where a message exceeds the limit. */
_checked_ int control_reader_fill(struct control_reader *reader, int fd);
enum control_reader_outcome { CONTROL_READER_MORE = 1 /* no whole message is there yet */ };
/* Takes the next message, owned by the caller. 0, CONTROL_READER_MORE, or -EBADMSG where it is no
 * JSON object; then the connection must be closed. */
_checked_ int control_reader_next(struct control_reader *reader, json_t **ret);

/* Writes a message whole. Blocks until it is taken, whether @fd blocks or not; -ETIMEDOUT after
 * @timeout_ms, -EPIPE, -EMSGSIZE above CONTROL_REPLY_MOST; then the connection must be closed. */
_checked_ int control_send(int fd, const json_t *message, int64_t timeout_ms);

/* Told of what a method reports on its way; @parameters is borrowed. */
struct control_progress {
	void (*tell)(void *userdata, const json_t *parameters);
	void *userdata;
};

enum control_call_outcome { CONTROL_CALL_ERROR = 1 };
/*
 * Calls a method and waits for its answer, on a connection with no other call under way. Blocks for
 * as long as the method takes.
 *
 * @parameters  an object, borrowed; NULL for none
 * @progress    NULL where none is wanted
 * @ret         the answer's parameters, an object, owned by the caller; of an error, the message
 *              with "error" and "parameters", both there
 * Returns 0, CONTROL_CALL_ERROR, or -ECONNRESET, -EPIPE, -EBADMSG, after which the connection must
 * be closed.
 */
_checked_ int control_call(int fd, enum control_method method, json_t *parameters,
			   const struct control_progress *progress, json_t **ret);
