/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one server does by itself at this moment: everything that is due, then a look at its CRL.
 */

#include "daemon/flow/flow.h"

/*
 * Does what is due; what fails keeps the rest from nothing. @ret_next_s: when something is planned
 * next, INT64_MAX for never. True where all of it was done, false where something is to be tried
 * again.
 */
bool flow_server_round(struct flow *flow, struct authority *authority, int64_t now_s,
		       int64_t *ret_next_s);
