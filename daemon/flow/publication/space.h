/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How much room is left where the database and the servers' files are: both grow, the CRL with each
 * revocation.
 */

#include "daemon/flow/flow.h"

struct space {
	const char *path;
	uint64_t free_bytes;
	bool low; /* an operator ought to look */
};
typedef void (*space_visit)(void *context, const struct space *space);

/* Gives each place on this machine once: StateDirectory=, and those of Store= and Store.TYPE= that
 * are there. */
void flow_space(const struct flow *flow, space_visit visit, void *context);
/* Logs those that are low. */
void flow_tell_space(const struct flow *flow);
