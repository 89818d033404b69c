/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The audit chain: each record's hash covers the hash before it, so that none can be changed, left
 * out or put in between without all that follow showing it.
 */

#include "daemon/store/connection.h"
#include "daemon/store/store.h"

/*
 * SHA-256 over "claviger audit 1", the hash before, the time (8 bytes), and server, type, actor and
 * details, each behind its length (4 bytes); numbers are big-endian, no server is the empty one.
 * -ENOMEM.
 */
_checked_ int audit_hash(const struct store_audit_record *record, uint8_t ret[static SHA256_SIZE]);

/* The newest record's hash; zeros before any. */
_checked_ int audit_head_load(struct connection *connection, uint8_t ret[static SHA256_SIZE]);
