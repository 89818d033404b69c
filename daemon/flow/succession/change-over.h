/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What follows when a generation took over. That it did follows from its takes_over_s and the time
 * alone; here it is recorded and published, its key loses the `#` of its label, and the key of the
 * one before is destroyed. Each step is planned (ca/planner.h) and can be repeated.
 *
 * Each gives 0, FLOW_LATER, FLOW_REFUSED where there is no such generation, -errno.
 */

#include "daemon/flow/flow.h"

/* @number took over: recorded together with its first CRL, which was signed ahead; then its files
 * take the place of the former one's. Needs no token. */
_checked_ int flow_change_over(struct flow *flow, struct authority *authority, unsigned number,
			       int64_t now_s);
/* The key of @number is called as its server is. Best effort: a token that can't is left alone, and
 * that is done, too. */
_checked_ int flow_relabel_key(struct flow *flow, struct authority *authority, unsigned number,
			       int64_t now_s);
/* Destroys the key of @number on its token, and records it. FLOW_LATER until the token's process
 * allows it: no sooner than the end of every certificate that it saw of that key. */
_checked_ int flow_destroy_key(struct flow *flow, struct authority *authority, unsigned number,
			       int64_t now_s);
