/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What rollovers by hand share, whoever certifies. Within rollover*.c alone. */

#include "daemon/flow/server/rollover.h"

/* "server LABEL @why". FLOW_REFUSED, -ENOMEM. */
_checked_ int rollover_refuse(const struct hand *hand, char **ret_reason, const char *why);
/* What stands in the way of any: 0, FLOW_REFUSED. @without: why, where nothing is in force that
 * another could follow. */
_checked_ int rollover_check(const struct hand *hand, const struct generations *generations,
			     const char *without, char **ret_reason);
/* @next: the one that takes over, or NULL; what hinders it where it is not given out. */
void rollover_stand(const struct hand *hand, const struct generation *next,
		    struct rollover_stand *ret);
