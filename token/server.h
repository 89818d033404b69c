/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The event loop of claviger-token: two doors, the threads behind them, the timers that open the
 * token and look after it, the watch over hanging operations, and the configuration's changes.
 */

#include "daemon/base/err.h"

struct server;

struct server_facts_of_start {
	const char *token;	   /* its name */
	const char *configuration; /* a path */
};

/* Reads the configuration, opens the state, binds the sockets. -errno, logged. */
_checked_ int server_open(const struct server_facts_of_start *facts, struct server **ret);

/*
 * Serves until SIGTERM or SIGINT, which must be blocked in all threads, as SIGHUP must. Systemd is
 * told READY=1 once the token was looked at, or after 20 s.
 *
 * Returns 0; SERVER_HUNG where an operation passed its time limit, or nothing but a new process
 * helps: threads may be stuck in the module then, so the process must end without any more ado;
 * -errno.
 */
enum server_outcome { SERVER_HUNG = 1 };
_checked_ int server_run(struct server *server);
/* 0, or SERVER_HUNG as above. */
_checked_ int server_close(struct server *server);
