/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Before anything is asked of a CA it is looked at again: it must still be the one that is trusted.
 * Within flow/ alone.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

/*
 * GetCACert, then GetCACaps; what comes with the CA and what it can is recorded.
 *
 * @ret_is_next  whether the CA that is to take over answers in the place of the one in force,
 *               which then issues no more
 * Returns 0; FLOW_REFUSED with *ret_reason where no server answers, or another CA does: then the
 * trustpoint has halted; FLOW_LATER, -errno.
 */
_checked_ int trustpoint_refresh_ca(struct trustpoint_turn *turn, bool *ret_is_next,
				    char **ret_reason);
/* GetCACaps alone. A server from before the list answers nothing of use, which is no failure. */
_checked_ int trustpoint_refresh_capabilities(struct trustpoint_turn *turn);
