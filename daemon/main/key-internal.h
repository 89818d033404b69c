/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of key.sock share: connections (key-socket.c), their questions (key-job.c), and
 * who looks after those (key-sweep.c). */

#include "daemon/flow/key-use/key-use.h"
#include "daemon/main/key-socket.h"
#include "daemon/main/listener.h"
#include <sys/queue.h>

/* Whoever is connected: there while he is. */
struct key_user {
	LIST_ENTRY(key_user) beside;
	uid_t uid;
	unsigned n_connections;
};

struct key_socket {
	struct daemon *daemon;
	struct listener listener;
	struct workers *lookers; /* who asks, and which key he means */
	LIST_HEAD(, key_user) users;
	LIST_HEAD(, key_connection) connections;
	unsigned n_connections;
	sd_event_source *teller;  /* of refusals that come again and again */
	sd_event_source *sweeper; /* of questions that wait too long; on while there are any */
	unsigned n_broken;	  /* connections since the log was told … */
	int64_t broken_told_ms;	  /* … monotonic; 0: never */
	bool stopped;
};

/* Shared by the event loop and the job that answers over it. */
struct key_connection {
	LIST_ENTRY(key_connection) beside;
	struct key_socket *socket;
	struct key_user *user;
	struct key_use_program program; /* the job's while it is busy */
	struct key_job *job; /* the loop's alone: of the last question, until it is over; NULL */
	sd_event_source *source;
	unsigned references; /* the loop's alone */
	bool busy;	     /* atomic: a question is under way */
	bool gone;	     /* atomic: nobody waits for its answer any more */
	int fd;
};

void key_connection_unref(struct key_connection *connection);
/* Ends the reading; a job that is under way still has it. */
void key_connection_close(struct key_connection *connection);

/* One question, which is taken over; it will be answered. -errno, where it is none: then the
 * connection is to be closed. */
_checked_ int key_job_begin(struct key_connection *connection, struct ipc_packet *packet);
/* Answers what was asked too long ago, whatever still waits for it, and closes its connection. */
void key_job_expire(struct key_connection *connection, int64_t now_ms);

/* Has key_job_expire() called, twice a second, while a question is under way. -errno. */
_checked_ int key_sweep_open(struct key_socket *socket);
/* One is. */
void key_sweep_begin(struct key_socket *socket);
