/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A trustpoint is begun anew: what it trusts, holds and waits for goes, and its keys. */

#include "daemon/flow/trustpoint/trustpoint.h"

/* What became of one of its keys; @done: "destroyed", or why not, for people. */
typedef int (*trustpoint_cleared)(void *context, const struct ca_key_place *place,
				  const char *done);
/*
 * Destroys each key that no other trustpoint and no server has, then forgets the trustpoint. A
 * callback's value < 0 is handed on.
 * FLOW_LATER with *ret_reason (the caller's) where a key's token is away: what was not destroyed is
 * recorded still, and the same again goes on; -errno.
 */
_checked_ int trustpoint_clear(struct trustpoint_turn *turn, const char *actor,
			       trustpoint_cleared visit, void *context, char **ret_reason);
