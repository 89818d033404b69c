/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What of the audit chain others than the database know. Each signature carries the chain's head to
 * the token's process, which logs it where the daemon can't write; a head that no signature follows
 * is told without one. So a chain that is cut short at its end shows, too.
 */

#include "daemon/flow/flow.h"
#include "daemon/ipc/audit-type.h"

struct witness;

_checked_ int witness_new(struct witness **ret);
struct witness *witness_free(struct witness *witness);

/* A token's process has logged this head. */
void witness_note(struct witness *witness, const uint8_t head[static SHA256_SIZE]);

/* The number from which on records are this process's own; 0 where it wrote none. */
int64_t witness_first_seq(struct witness *witness);
void witness_set_first_seq(struct witness *witness, int64_t seq);

/* Which tokens' logs this process has compared with the database, by name. -ENOMEM. */
bool witness_is_compared(struct witness *witness, const char *token);
_checked_ int witness_set_compared(struct witness *witness, const char *token);

/* Checkpoints are made one after the other, and none while what was signed is compared with what
 * is in the database. */
void witness_lock(struct witness *witness);
void witness_unlockp(struct witness **witness);

/*
 * Tells the newest head to a token's process, unless one knows it. Blocks for its disk.
 * 0; FLOW_LATER where no token's process takes it now; -errno.
 */
_checked_ int flow_witness(struct flow *flow);

/* Records an event that changes nothing else; @actor NULL for the daemon itself, @note may be NULL.
 * -errno. */
_checked_ int flow_audit_note(struct flow *flow, enum audit_type type, const char *actor,
			      const char *note, int64_t now_s);
