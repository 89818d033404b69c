/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What identities are for, with the numbers of enum key_usage; and which of them a trustpoint
 * wants. */

#include "daemon/base/err.h"

enum trustpoint_usage {
	TRUSTPOINT_GENERAL = 1,
	TRUSTPOINT_SIGNATURE = 2,
	TRUSTPOINT_ENCRYPTION = 3,
};

/* Usage keys: one to sign, one to encrypt; else one for both. */
static inline bool trustpoint_wants(bool usage_keys, int usage)
{
	return usage_keys ? usage == TRUSTPOINT_SIGNATURE || usage == TRUSTPOINT_ENCRYPTION
			  : usage == TRUSTPOINT_GENERAL;
}
