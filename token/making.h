/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A key comes to the token, made there or brought: first the intention on disk, then the key, then
 * its charter; what fails is told to whoever asked.
 */

#include "hsm/rsa-key-carry.h"
#include "token/request.h"

struct making_order {
	enum charter_role role;
	struct span issuer, label;
	unsigned bits;
	enum key_usage usage;
	enum key_exportable exportable;
	/* Of a key that is brought: its numbers, and the end of its own CA certificate or 0. */
	const struct hsm_rsa_parts *parts;
	int64_t not_after_s;
};

/* What is wrong with the order, a sentence; NULL: nothing. */
const char *making_find_fault(const struct making_order *order);
/*
 * Does it. 0, with the finished charter, borrowed; or MAKING_TOLD: it failed, and @request was
 * answered so.
 */
enum making_outcome { MAKING_TOLD = 1 };
_checked_ int making_run(struct request *request, unsigned seat, const struct making_order *order,
			 struct held_charter **ret);
