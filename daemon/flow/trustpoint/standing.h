/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a trustpoint's keys stand, as those who show it and those who watch it tell it: one that is
 * gone would else be noticed when it is used, by a program or at the next renewal.
 */

#include "daemon/ca/trustpoint-records.h"
#include "daemon/flow/flow.h"

/*
 * What is wrong with the keys of its identities, and what to do about it, for people: *ret, the
 * caller's; NULL where nothing is known to be wrong. A token that is away is not: its keys may be
 * there. Nor is anything of a server's own trustpoint, of which the server tells. Asks the tokens'
 * processes. -ENOMEM.
 */
_checked_ int trustpoint_key_trouble(struct flow *flow, const char *name,
				     const struct ca_trustpoint_state *state, int64_t now_s,
				     char **ret);
