/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The CA that is to take over: asked for by GetNextCACert, believed only where the CA that is
 * trusted signed it. Within flow/ alone.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

/*
 * 0 where it is here, also where it was before, or where the server has none yet, which is counted;
 * FLOW_REFUSED with *ret_reason where no answer could be used; FLOW_LATER, -errno.
 */
_checked_ int trustpoint_fetch_next_ca(struct trustpoint_turn *turn, char **ret_reason);
