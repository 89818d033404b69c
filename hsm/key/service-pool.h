/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Connections to key.sock that wait for the next question, inside a program that is not ours. No
 * lock is held by anybody, so a child that was forked in the middle of it all finds none taken.
 * What such a program does to descriptors is not ours to know: one that is no longer the socket we
 * opened is forgotten and not closed.
 */

#include "daemon/base/err.h"
#include <stdatomic.h>
#include <sys/types.h>

/* Kept at most, of each program. */
#define SERVICE_IDLE_MOST 16

struct service_connection {
	int fd;
	pid_t pid; /* who opened it */
	uid_t uid; /* as whom: so he is known at the other end, whatever he became since */
	dev_t device;
	ino_t inode;
};

struct service_pool {
	_Atomic(struct service_connection *) idle[SERVICE_IDLE_MOST];
};

/* Blocks for at most @timeout_ms. -ETIMEDOUT, -errno of connect(2), -ENOMEM. */
_checked_ int service_connection_open(const char *path, int64_t timeout_ms,
				      struct service_connection **ret);
/* Closes it, where it is still there and ours. Accepts NULL. In a child it is the child's copy that
 * is closed, which the parent and the other end don't notice. */
void service_connection_close(struct service_connection *connection);

/* One that this process opened as the user that it is now; NULL where there is none. What is found
 * on the way and is no use is let go of. */
struct service_connection *service_pool_take(struct service_pool *pool);
/* Keeps it, or closes it where there are enough. */
void service_pool_keep(struct service_pool *pool, struct service_connection *connection);
/* Closes all: where one was found broken the others are, too. */
void service_pool_drop(struct service_pool *pool);
