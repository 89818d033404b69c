/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Checkpoints of the audit that a token signed and the database never got: the daemon ended, or its
 * disk was full, between the signature and its record. Only what was signed about a chain that is
 * all there is called that: where records went with the checkpoint, somebody took them away. A row
 * of the newest checkpoint that alone was taken away looks the same; the chain is whole without it.
 */

#include "daemon/flow/flow.h"
#include "daemon/flow/head-set.h"
#include "daemon/ipc/signature-line.h"

/* The lines of one token's log, one after the other; what is not named here begins as zeros. */
struct unrecorded {
	struct flow *flow;
	const char *token;
	struct head_set recorded;  /* checkpoints in the database from record @from on */
	int64_t from;		   /* 0: not loaded yet */
	uint8_t head[SHA256_SIZE]; /* the last that was looked for in the chain */
	int64_t head_seq;	   /* its record; 0: the chain has none */
};
void unrecorded_done(struct unrecorded *unrecorded);

/*
 * Writes checkpoint.unfinished into the audit for this line, which is of kind "checkpoint" and of a
 * process before this one, unless the database has that checkpoint: 0. UNRECORDED_FOREIGN, with
 * nothing written, where the chain doesn't have the head that came with it, or ended before the
 * record that it is about; -errno. Reads the whole chain for a head that it did not just look for.
 */
enum unrecorded_outcome { UNRECORDED_FOREIGN = 1 };
_checked_ int unrecorded_note(struct unrecorded *unrecorded, const struct signature_line *line,
			      int64_t now_s);
