/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory that all connections have together, beyond the little that is each one's own: so that
 * large bodies, many at once, cost their senders an answer and nobody the front end. Thread-safe;
 * no lock, no I/O.
 */

#include "daemon/base/bytes.h"
#include <stdatomic.h>

struct budget {
	size_t most; /* bytes */
	atomic_size_t taken;
};

/* Takes @size bytes; false, and nothing taken, where so many are not left. */
bool budget_take(struct budget *budget, size_t size);
/* Gives back what was taken. */
void budget_give(struct budget *budget, size_t size);
