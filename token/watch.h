/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Each operation with a token has its own time limit. A module that hangs can't be told to stop, so
 * the process ends when a limit is passed, and is started again. The threads note what they do and
 * since when; the event loop looks.
 */

#include "daemon/base/err.h"
#include <stdatomic.h>

enum watch_operation {
	WATCH_NOTHING,
	WATCH_SIGN,
	WATCH_UNWRAP,
	WATCH_MAKE,
	WATCH_CHANGE, /* relabel, destroy */
	WATCH_LOGIN,
	WATCH_PAD,  /* log in, the PIN being typed by a person on the token itself */
	WATCH_LOAD, /* close what was open, finalise, load and initialise the module */
	WATCH_OPEN, /* list, open, initialise */
	WATCH_FIND, /* the keys, after a login */
	WATCH_LOOK,
};

/* One per thread, written by it alone. */
struct watch {
	_Atomic(int64_t) since_ms;
	_Atomic(enum watch_operation) operation;
};

const char *watch_name(enum watch_operation operation);
int64_t watch_limit_ms(enum watch_operation operation);
/* All limits become @percent of what they are; for tests. */
void watch_scale(unsigned percent);

/* @operation begins now; WATCH_NOTHING ends the one before. */
void watch_note(struct watch *watch, enum watch_operation operation, int64_t now_ms);

/*
 * Whether one of @n threads has passed its limit; @ret_operation is then what it does.
 *
 * While one thread does something slow within its limit, the others get as much time as that: many
 * a token has a single lock, and a signature waits there for a key that is being made.
 */
bool watch_is_overdue(const struct watch *watches, size_t n, int64_t now_ms,
		      enum watch_operation *ret_operation);
