/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Moves the write-ahead log into the database file from a thread and a connection of its own,
 * beside readers and the writer: SQLite's own automatic checkpoint runs inside a COMMIT and makes
 * that one wait for milliseconds.
 */

#include "daemon/base/err.h"

struct checkpoint;

_checked_ int checkpoint_start(const char *path, struct checkpoint **ret);
/* Ends the thread, after what was asked of it. */
struct checkpoint *checkpoint_stop(struct checkpoint *checkpoint);

/*
 * Told by the writer after each of its transactions, with the log's size in pages. Mostly returns
 * at once. Only where the log has grown far past what the thread keeps up with, it blocks for one
 * checkpoint, which then has nothing added behind its back and empties the log.
 */
void checkpoint_note(struct checkpoint *checkpoint, unsigned log_pages);
