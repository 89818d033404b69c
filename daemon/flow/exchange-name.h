/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What an exchange key's certificate is called: as its CA, with another common name. Pure. */

#include "daemon/base/bytes.h"

/* The DER Name @issuer with " exchange" behind its last common name; one that has none, or that
 * leaves no room for it, gets OU=exchange besides. @ret is the caller's. -EBADMSG, -ENOMEM. */
_checked_ int exchange_name(struct span issuer, struct bytes *ret);
