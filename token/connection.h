/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One peer's connection. The event loop reads from it; answers are sent by whichever thread has
 * them, one at a time, and never wait: a peer that doesn't take its answers is cut off. It is
 * closed when the loop and the last request have let go of it.
 */

#include "daemon/ipc/channel.h"
#include <sys/types.h>

struct connection;

/* Requests of one peer that may be under way at once; beyond it the peer is told to ask later. */
#define CONNECTION_REQUESTS_MAX 16

/* Takes @fd over, which is non-blocking. -errno; then @fd is closed as well. */
_checked_ int connection_new(int fd, struct connection **ret);
struct connection *connection_ref(struct connection *connection);
struct connection *connection_unref(struct connection *connection);
int connection_fd(const struct connection *connection);
/* Who is at the other end, for the log. */
uid_t connection_uid(const struct connection *connection);
pid_t connection_pid(const struct connection *connection);

/* Counts one more request under way: false where there are too many. */
bool connection_begin(struct connection *connection);
void connection_end(struct connection *connection);

/* Sends an answer; where that fails the connection is shut down, and the loop sees its end. */
void connection_send(struct connection *connection, enum ipc_number number, uint64_t tag,
		     const void *message);
void connection_fail(struct connection *connection, uint64_t tag, enum ipc_failure code,
		     const char *reason);
