/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The methods of the operators' protocol, carried out: each takes parameters that passed their row
 * of control.def and gives the message to answer with.
 */

#include "daemon/flow/enroll/hand.h"
#include "daemon/ipc/control.h"

struct control_turn {
	struct flow *flow;
	const char *actor; /* "uid 0" */
	json_t *parameters;
	int64_t now_s;
	struct flow **ret_fresh; /* a reload's, to be adopted before it is answered */
};

/* The answer, owned by the caller; NULL where memory is short. May block for a token, minutes while
 * a key is made. */
json_t *flow_control(const struct control_turn *turn, enum control_method method);
