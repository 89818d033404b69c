/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the control file says now, and the counts; see README.md for its lines.
 */

#include <stdbool.h>

/* What is to happen to one call. */
struct fault {
	long delay_ms;
	bool hang, crash, has_answer, after;
	unsigned long answer;
};

/* What holds for the token as a whole. */
struct fault_token {
	bool absent, one_at_a_time;
	unsigned long flags, hidden[4];
	unsigned n_hidden;
	/* The token has a PIN pad, at which somebody typed this, nobody has yet, or
	 * somebody cancelled. */
	bool pad, cancelled;
	char typed[64];
};

/* Counts this call of @function and says what becomes of it. */
struct fault fault_take(const char *function);
struct fault_token fault_token_now(void);
/* True once each time the token went away, so that its sessions can be ended. */
bool fault_token_just_left(void);
