/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A token that was replaced by one that holds the same keys: what is recorded of them. */

#include "daemon/flow/flow.h"

struct adopted {
	char serial[65];  /* of the token that is there */
	unsigned records; /* that have another serial since */
};

/*
 * Has the records of every key that the token's process has found on its token name this token's
 * serial. The token's process vouches for the keys, and no caller; so it may be asked at any time,
 * and again.
 *
 * Returns 0; FLOW_LATER with *ret_reason where the token can't be asked or is not ready; -errno.
 */
_checked_ int flow_adopt_token(struct flow *flow, struct token_link *token, const char *actor,
			       int64_t now_s, struct adopted *ret, char **ret_reason);
/* What is held in memory of the keys' records is read again; where that fails, which is logged, a
 * restart does so. */
void flow_read_keys_again(struct flow *flow);
