/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of flow_audit_verify() share. */

#include "daemon/flow/audit/verify.h"
#include "daemon/flow/head-set.h"
#include "daemon/ipc/signature-line.h"

/* What a token signed and the database did not have when it was looked for: it may be under way. */
struct verify_unknown {
	struct signature_line line; /* its texts are gone */
	const char *token;
	char *text; /* "serial …, subject …, line …" */
};

struct verify_checkpoint {
	int64_t number, seq;
	uint8_t head[SHA256_SIZE];
};

struct verify {
	struct flow *flow;
	bool certificates;
	json_t *findings, *notes;
	size_t n_more; /* findings that are not told any more */
	struct store_audit_report chain;
	struct head_set sought; /* heads that the chain must have; number: of whatever tells it */
	struct head_set
		signed_; /* checkpoints in the database, by the SHA-256 of what was signed */
	struct head_set
		unfinished; /* certificates that the audit says were never issued, likewise */
	struct head_set unrecorded; /* checkpoints that it says were never recorded, likewise */
	struct verify_checkpoint *checkpoints; /* in the order of their numbers */
	size_t n_checkpoints, next_checkpoint;
	bool checkpoints_broken; /* those after the last of them were not read */
	struct verify_unknown *unknown;
	size_t n_unknown;
};

_printf_(2, 3) void verify_find(struct verify *verify, const char *format, ...);
_printf_(2, 3) void verify_note(struct verify *verify, const char *format, ...);

/* Walks the chain, and holds what is sought and the checkpoints against it. */
_checked_ int verify_walk(struct verify *verify);

/* verify-checkpoints.c: each checkpoint in the database: order, signature, whose key. Fills
 * checkpoints and signed_. */
_checked_ int verify_load_checkpoints(struct verify *verify);
/* At a record of the chain that is good: the checkpoints about it. */
void verify_pass_checkpoints(struct verify *verify, const struct store_audit_record *record);
/* At the end of the chain. */
void verify_end_checkpoints(struct verify *verify);

/* verify-tokens.c: the log of each token's process against chain, checkpoints and certificates. */
_checked_ int verify_tokens(struct verify *verify);
