/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one writing connection. Of the threads that have a change, one at a time leads: it takes all
 * changes that wait and commits them in one durable transaction (group commit), each in a savepoint
 * of its own, so that the outcome of one is nothing to the others: while the disk syncs for one
 * group the next one gathers.
 */

#include "daemon/base/crypto.h"
#include "daemon/store/connection.h"

struct writer;

/* Takes over @connection, also where it fails. */
_checked_ int writer_start(struct connection *connection, const char *path, struct writer **ret);
/* Nobody may be inside writer_do(). */
struct writer *writer_stop(struct writer *writer);

/* What a change does to the database: 0; > 0, an outcome, undoes what it did; so does -errno. It
 * runs on any thread that writes, and must not touch what its caller sees, for the commit may still
 * fail. */
typedef int (*writer_apply)(struct connection *connection, void *argument);
/* Blocks until @apply was done and is on the disk, or was undone. -errno of the commit, else what
 * @apply gave. */
_checked_ int writer_do(struct writer *writer, writer_apply apply, void *argument);

/* Hash of the newest audit record that is on the disk. */
void writer_audit_head(struct writer *writer, uint8_t ret[static SHA256_SIZE]);
/* As store_on_audit(). */
void writer_on_audit(struct writer *writer, void (*function)(void *context), void *context);
/* 0 where the newest transaction that had something to write could write it, else its -errno. */
int writer_trouble(struct writer *writer);
