/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What follows once a certificate took over, which it does at its own second whether or not anybody
 * is awake: it is recorded and told, and what it took over from is forgotten. Its files and its key
 * have functions of their own. Within flow/ alone.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

/* Of an identity, by its id, that took over. Done twice it is done once. FLOW_LATER, -errno. */
_checked_ int trustpoint_change_over_identity(struct trustpoint_turn *turn, int64_t id);
/* The same of a CA certificate. */
_checked_ int trustpoint_change_over_anchor(struct trustpoint_turn *turn, int64_t id);
/* The record goes of one that nothing needs any more. */
_checked_ int trustpoint_forget_identity(struct trustpoint_turn *turn, int64_t id);
_checked_ int trustpoint_forget_anchor(struct trustpoint_turn *turn, int64_t id);

/* "the identity with serial number 03, until 2030-…": for audit events. -ENOMEM; the text is the
 * caller's. */
_checked_ int trustpoint_describe_identity(const struct ca_identity_record *identity, char **ret);
/* "the CA certificate with SHA-256 fingerprint …". */
_checked_ int trustpoint_describe_anchor(const struct ca_anchor_record *anchor, char **ret);
