/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clavigerd: one event loop that owns sockets, timers and completions; workers for each token, and
 * a few for operators and timers.
 */

#include "daemon/flow/flow.h"
#include "daemon/main/crews.h"

struct front_end;
struct held;
struct parking;
struct publication;
struct audit_timer;
struct timers;
struct forwards;
struct trustpoints;
struct scep_socket;
struct control_socket;
struct key_socket;

struct daemon {
	sd_event *loop;
	struct flow *flow;    /* the present snapshot; a job takes a reference of its own */
	struct crews *crews;  /* the workers of each token */
	struct workers *desk; /* operators' commands and planned actions: may take minutes */
	struct workers *away; /* operators' commands that wait for servers beyond this machine */
	struct held *held;
	struct parking *parking;
	struct front_end *front_end;
	struct timers *timers;
	struct publication *publication;
	struct audit_timer *audit_timer;
	struct trustpoints *trustpoints;
	struct forwards *forwards;
	struct scep_socket *scep;
	struct control_socket *control;
	struct key_socket *key;
	bool stopping;
	bool audited; /* the start was recorded, so the end is, too */
};

/* Opens everything and is ready to serve. -errno, logged. */
_checked_ int daemon_open(struct conf *conf, struct daemon **ret);
/* Serves until SIGTERM or SIGINT. */
_checked_ int daemon_run(struct daemon *daemon);
struct daemon *daemon_close(struct daemon *daemon);
void daemon_closep(struct daemon **daemon);
