/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the CRL of a saved server lists: revoked before, and so for ever. Pure. */

#include "daemon/store/store.h"

struct restore_revoked {
	struct store_revocation *items; /* heap; serials borrow from the CRL */
	size_t n;
};

/* @revoked: contents of revokedCertificates. -EBADMSG where an entry can't be read, or one stands
 * there twice; -ENOMEM. */
_checked_ int restore_crl_list(struct span revoked, struct restore_revoked *ret);
