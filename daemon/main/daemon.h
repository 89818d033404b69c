/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clavigerd: one event loop that owns sockets, timers and completions; workers for each token, and
 * a few for operators and timers.
 */

#include "daemon/flow/flow.h"
#include "daemon/main/workers.h"

struct held;
struct timers;
struct scep_socket;
struct control_socket;

struct daemon {
	sd_event *loop;
	struct flow *flow;
	struct workers **token_workers; /* one per [Token] section, in its order */
	struct workers *desk; /* operators' commands and planned actions: may take minutes */
	struct held *held;
	struct timers *timers;
	struct scep_socket *scep;
	struct control_socket *control;
};

/* Opens everything and is ready to serve. -errno, logged. */
_checked_ int daemon_open(struct conf *conf, struct daemon **ret);
/* Serves until SIGTERM or SIGINT. */
_checked_ int daemon_run(struct daemon *daemon);
struct daemon *daemon_close(struct daemon *daemon);
void daemon_closep(struct daemon **daemon);

/* The workers of the token that this server's key lies on. */
struct workers *daemon_workers_of(struct daemon *daemon, const struct conf_server *server);
