/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* When other programs used a trustpoint's key last, for whoever is to destroy it. */

#include "daemon/ca/trustpoint-records.h"
#include "daemon/flow/flow.h"

/*
 * In seconds since 1970; 0: no program uses it. Where a [Use] section speaks of the key it counts
 * as used when this was first asked in this process, since nobody remembers what was before.
 *
 * @trustpoint  its name
 * Returns 0, -ENOMEM.
 */
_checked_ int flow_key_use_last(struct flow *flow, const char *trustpoint,
				const struct ca_key_place *place, int64_t now_s, int64_t *ret_s);
