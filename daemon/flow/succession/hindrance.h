/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a server's rollover waits for, of the facts as they are measured now. */

#include "daemon/flow/flow.h"

#define HINDRANCE_SIZE 512
/* "" in @ret where nothing is missing. Asks the tokens' processes how they are. -errno. */
_checked_ int flow_hindrance_tell(struct flow *flow, struct authority *authority, int64_t now_s,
				  char ret[static HINDRANCE_SIZE]);
