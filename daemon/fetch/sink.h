/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where notices go, "v2c:HOST[:PORT]" or "v3:USER@HOST[:PORT]", an IPv6 address in brackets. Pure.
 */

#include "daemon/conf/host.h"

#define SINK_PORT 162 /* RFC 3417 §3 */

struct sink {
	bool is_v3;
	struct span user; /* of v3; borrowed, as the host's name */
	struct conf_host host;
};

enum sink_outcome { SINK_WRONG = 1 };
_checked_ int sink_read(struct span text, struct sink *ret);
