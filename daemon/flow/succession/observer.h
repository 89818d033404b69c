/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tells how servers change: a state is derived and nobody sets it, so it is compared with the one
 * that was told last, after each act and in each round of the timers. What differs is logged as a
 * step of the state machine, "FSM: initial + no shut → enabled", and a change of state is audited.
 */

#include "daemon/flow/flow.h"

/* -errno where the facts can't be read or the audit event can't be written: told again then. */
_checked_ int flow_observe(struct flow *flow, struct authority *authority, int64_t now_s);
/* As states are called in these lines: one that is not created is "initial". */
const char *flow_observed_name(enum ca_server_state state);
