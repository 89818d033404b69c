/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The answer to GetNextCACert: the shadow's certificate, with that of the key that will speak for
 * it and those of the CAs above it, signed by the CA that is active. It is
 * made once, kept in the database and given out as a file (publish.h). Source: RFC 8894 §4.7.
 */

#include "daemon/flow/flow.h"

/*
 * Signs it with the active generation's own key; nothing is recorded.
 *
 * @generations  of @authority, with the shadow among them
 * @ret          the message, whole DER; the caller's
 * 0; FLOW_LATER (the token is away); FLOW_REFUSED where there is no shadow, or no active generation
 * to sign for it; -errno. Blocks for the token.
 */
_checked_ int flow_next_ca_sign(struct flow *flow, struct authority *authority,
				const struct generations *generations, int64_t now_s,
				struct bytes *ret);
