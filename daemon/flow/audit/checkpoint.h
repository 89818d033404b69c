/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Checkpoints of the audit: from time to time what the chain has come to is signed by a key of role
 * audit, which is made for it on the first token that is ready among those of the servers, and
 * signs nothing else.
 */

#include "daemon/flow/flow.h"
#include "daemon/x509/checkpoint.h"

/* Makes one where it is due. @ret_in_s is lowered to when the next one is. FLOW_LATER where no
 * token is ready for it, which harms nothing; -errno. */
_checked_ int flow_checkpoint(struct flow *flow, int64_t now_s, int64_t *ret_in_s);

/* Whether @signature is that of the key @spki over @to_be_signed: 0; CHECKPOINT_FORGED; -errno. */
enum checkpoint_outcome { CHECKPOINT_FORGED = 1 };
_checked_ int checkpoint_verify(struct span spki, struct span to_be_signed, struct span signature);
