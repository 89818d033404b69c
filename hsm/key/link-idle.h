/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Connections to one token's process that wait for the next question. Thread-safe; no I/O. */

#include "daemon/base/err.h"
#include <pthread.h>

/* More than any token has sessions. */
#define LINK_IDLE_MOST 16

struct link_idle {
	pthread_mutex_t mutex; /* over what follows */
	int fds[LINK_IDLE_MOST];
	size_t n;
};

void link_idle_init(struct link_idle *idle);
/* Closes what is left. */
void link_idle_done(struct link_idle *idle);
/* The one that was kept last, the caller's now; -1 where there is none. */
int link_idle_take(struct link_idle *idle);
/* Keeps @fd, or closes it where there are enough. */
void link_idle_keep(struct link_idle *idle, int fd);
/* Closes all: whoever finds one closed finds the others closed too. */
void link_idle_drop(struct link_idle *idle);
