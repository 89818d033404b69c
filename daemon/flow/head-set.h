/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A bounded set of SHA-256 values, each with a number and a mark: what tokens say that the audit
 * chain came to, before it is looked for there. Grows by doubling; no value is taken out. */

#include "daemon/base/crypto.h"

#define HEAD_SET_MOST ((size_t)1 << 20) /* some 72 MiB */

struct head_entry {
	uint8_t head[SHA256_SIZE];
	int64_t number; /* the caller's; 0: the place is free */
	bool found;
};

struct head_set {
	struct head_entry *entries;
	size_t n, capacity;
};

void head_set_done(struct head_set *set);
/* Adds it with this number (not 0), unless it is there already. -ENOMEM; -ENOSPC where the set is
 * full. */
_checked_ int head_set_add(struct head_set *set, const uint8_t head[static SHA256_SIZE],
			   int64_t number);
/* NULL where it isn't there. Valid until the next addition. */
struct head_entry *head_set_find(struct head_set *set, const uint8_t head[static SHA256_SIZE]);
