/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The audit from the daemon's beginning to its end. */

#include "daemon/flow/flow.h"

/* Records that the daemon began (daemon.start), before anything is signed. */
_checked_ int flow_audit_begin(struct flow *flow, int64_t now_s);
/* Records that it ends, and tells the head once more to a token's process that runs; none is asked
 * for anything else afterwards. What of it fails is logged. */
void flow_audit_end(struct flow *flow, int64_t now_s);
/*
 * All that the audit needs from time to time: the head told, what a token signed for a daemon that
 * ended before it could record it written down, a checkpoint where one is due. @ret_in_s: when to
 * come again, at most. FLOW_LATER where a token has to come back first; -errno.
 */
_checked_ int flow_audit_upkeep(struct flow *flow, int64_t now_s, int64_t *ret_in_s);
