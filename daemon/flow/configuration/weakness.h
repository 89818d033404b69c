/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a configuration lets in that is weak today: said at each start, and audited. */

#include "daemon/flow/flow.h"

/* -errno of the audit's commit. */
_checked_ int flow_tell_weaknesses(struct flow *flow, int64_t now_s);
