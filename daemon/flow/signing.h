/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One signature of a generation's key. The head of the audit chain goes along, for the token's
 * process to log beside it: a chain that is cut short later shows.
 */

#include "daemon/flow/flow.h"

/* 0, FLOW_LATER, -errno; -EKEYREJECTED where the key's charter forbids it. */
_checked_ int flow_sign(struct flow *flow, struct key *key, enum digest digest,
			struct span to_be_signed, struct bytes *ret);
/* The same, and @ret is the whole certificate or CRL. */
_checked_ int flow_sign_whole(struct flow *flow, struct key *key, enum digest digest,
			      struct span to_be_signed, struct bytes *ret);
