/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A PKCS#10 request that an operator brings by hand: no message around it, no challenge asked for,
 * and no front end needed. */

#include "daemon/flow/enroll/hand.h"

struct added {
	struct span csr;
	bool is_rollover; /* of the shadow, which must be given out */
};
/*
 * Judges it as any other and carries the judgement out: issued, or recorded as pending. Its
 * transaction is its own digest, so that the same request brought again finds what became of it.
 *
 * @ret is the request's record, the caller's. FLOW_REFUSED where it is no request, policy refuses
 * it or there is no shadow to ask (nothing is recorded then), FLOW_LATER where it is to be issued
 * and the token is away.
 */
_checked_ int flow_add_request(const struct hand *hand, const struct added *added,
			       struct ca_request_record *ret, char **ret_reason);
