/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates that a token signed and nobody was given: the daemon ended between the signature and
 * its record. The next daemon finds them in the token's own log and writes each into the audit, so
 * that what is neither in the database nor there was signed for somebody else. So it does with
 * checkpoints of the audit (unrecorded.h).
 */

#include "daemon/flow/flow.h"
#include "daemon/ipc/signature-line.h"

/*
 * Compares, once per token in the life of this process, what its log has from before. Signatures
 * of this process are told apart by the head that came with them. Call flow_audit_begin() before
 * the first. FLOW_LATER where a token's process does not answer; -errno.
 */
_checked_ int flow_find_unfinished(struct flow *flow, int64_t now_s);

/* Whether the database has what this line says was signed. */
enum signed_outcome {
	SIGNED_UNKNOWN = 1, /* no such serial, or a key that is none of ours */
	SIGNED_ANOTHER = 2, /* that serial's certificate is another one */
};
_checked_ int flow_find_signed(struct flow *flow, const struct signature_line *line,
			       char **ret_label);

/* Records one that this daemon signed and then did not issue, since what it was decided on had
 * changed. What of it fails is logged: the next daemon finds it. */
void flow_note_unfinished(struct flow *flow, const char *label, struct span serial,
			  struct span to_be_signed, int64_t now_s);

/* "SERIAL SHA256" in hexadecimal: how events of certificates that were never issued name one. */
_checked_ int unfinished_name(const struct signature_line *line, char **ret);
