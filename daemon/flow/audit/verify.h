/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Is the audit what it was when it was written? The chain's own hashes show what was changed,
 * moved, put in or left out of its middle; what the tokens' processes were told it had come to
 * shows what is missing at its end, or an older copy of the database; checkpoints show both without
 * them.
 */

#include "daemon/flow/flow.h"
#include <jansson.h>

/*
 * @certificates  also hold every certificate that a token's process signed against the database;
 *		  a token that can't be asked is a finding then, else a note
 * @ret           {"whole", "records", "checkpoints", "findings": […], "notes": […]}: sentences,
 *		  findings being what is wrong; the caller's
 * -errno. Blocks for as long as it takes to read everything.
 */
_checked_ int flow_audit_verify(struct flow *flow, bool certificates, int64_t now_s, json_t **ret);
