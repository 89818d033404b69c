/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every connection has a total time for what it is at: for its request's head, for the body, for
 * taking the answer. libmicrohttpd's own limit counts idle time, which one byte a second renews.
 * And where there are too many, of one peer or in all, those that wait for a request go first, the
 * longest waiting ahead: who sends nothing is in nobody's way.
 *
 * The guard only decides; the connection is cut by the function it was given, under its lock, while
 * the connection still exists. All functions are thread-safe. No I/O, no clock.
 */

#include "daemon/base/err.h"
#include <sys/socket.h>

enum guard_phase {
	GUARD_HEAD,  /* waits for a request and its head; also between two requests */
	GUARD_BODY,  /* the head is there */
	GUARD_WORK,  /* we are at it: no limit here */
	GUARD_REPLY, /* the answer is going out */
	GUARD_PHASES_
};

struct guard_limits {
	int64_t phase_ms[GUARD_PHASES_]; /* 0: none */
	unsigned per_peer;		 /* connections */
	unsigned total;
	void (*cut)(int fd);
};

struct guard;
struct guard_entry;

_checked_ int guard_new(const struct guard_limits *limits, struct guard **ret);
/* No connection may be left. */
struct guard *guard_free(struct guard *guard);
void guard_freep(struct guard **guard);

/* A new connection, in GUARD_HEAD. NULL where memory ends. */
struct guard_entry *guard_start(struct guard *guard, int fd, const struct sockaddr *peer,
				int64_t now_ms);
void guard_enter(struct guard *guard, struct guard_entry *entry, enum guard_phase phase,
		 int64_t now_ms);
/* The connection is about to be closed; frees @entry. */
void guard_end(struct guard *guard, struct guard_entry *entry);

/* Cuts what is past its time. Returns the earliest deadline that is left; INT64_MAX. */
int64_t guard_sweep(struct guard *guard, int64_t now_ms);
/* From now on a connection that waits for a request is cut. */
void guard_drain(struct guard *guard);
/* How many connections there are, and how many of them are past GUARD_HEAD and not cut. */
void guard_count(struct guard *guard, unsigned *ret_all, unsigned *ret_busy);
