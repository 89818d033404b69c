/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Secrets that the configuration names without holding them: a file's path, or the name of a
 * systemd credential of clavigerd's. */

#include "daemon/base/bytes.h"

enum credential_outcome { CREDENTIAL_REFUSED = 1 };

/* Reads it into locked memory, a line break at its end dropped; at most @limit bytes. 0;
 * CREDENTIAL_REFUSED with *ret_reason (the caller's), which names the file and what is wrong with
 * it; -ENOMEM. */
_checked_ int credential_read(const char *name, size_t limit, struct secret *ret,
			      char **ret_reason);
