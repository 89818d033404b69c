/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is recorded of copies that tokens made of their keys, under a wrapping key. */

#include "daemon/flow/flow.h"

/* What a token's process did, as whoever asked it for that tells. */
struct key_copy {
	struct token_link *token;
	struct span key_sha256; /* of its SubjectPublicKeyInfo; empty: the key called @label */
	const char *label;
	const char *to; /* whereto it was backed up, in words */
	const char *actor;
	int64_t now_s;
};

/*
 * Records, and enters in the audit, that a key was backed up. That the key is there its token's
 * process says; that it was copied, only whoever asked for it. What waited for the backup goes on
 * by itself. It may be told again.
 *
 * Returns 0; FLOW_REFUSED without such a key, FLOW_LATER where the token can't be asked: with
 * *ret_reason; -errno.
 */
_checked_ int flow_key_backed_up(struct flow *flow, const struct key_copy *copy, char **ret_reason);
/* Enters in the audit that a key came to the token from its backup. The same. */
_checked_ int flow_key_restored(struct flow *flow, const struct key_copy *copy, char **ret_reason);
