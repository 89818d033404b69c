/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates that come by hand: one to a request that waits for it, or one with its CA's for a
 * key that was brought to a token. None is renewed or rolled over by itself.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

struct trustpoint_import_order {
	struct span certificates; /* DER after DER, or PKCS#7 */
	/* Of a key that was brought: its token's section, and the SHA-256 of its
	 * SubjectPublicKeyInfo, empty while it is not there yet. NULL and empty: to a request. */
	const char *token;
	struct span key_sha256;
	bool look; /* only whether it could be done */
	const char *actor;
};
/*
 * To a request: which of them is meant tells the key. With a key: the CA's certificate is among
 * @certificates, or in force already; it is accepted where there is none, since who brings the key
 * vouches for it, and refused where another is in force.
 * FLOW_REFUSED, FLOW_LATER with *ret_reason (the caller's); -errno.
 */
_checked_ int trustpoint_import(struct trustpoint_turn *turn,
				const struct trustpoint_import_order *order, char **ret_reason);
