/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One use of a prepared statement: bind its values in order, step, take the columns of each row in
 * order. The first failure sticks and comes out of the next statement_step() and of
 * statement_error(). Bound bytes and texts are borrowed until statement_done().
 */

#include "daemon/base/crypto.h"
#include "daemon/store/connection.h"

struct statement {
	struct connection *connection;
	sqlite3_stmt *stmt;
	int n_bound, n_taken;
	int error;
};

struct statement statement_begin(struct connection *connection, enum statement_name name);
/* Makes it ready for its next use. For _cleanup_. */
void statement_done(struct statement *s);

void statement_bind_number(struct statement *s, int64_t value);
/* A count that is never negative; -EOVERFLOW past 2⁶³. */
void statement_bind_count(struct statement *s, uint64_t value);
/* NULL for 0. */
void statement_bind_optional(struct statement *s, int64_t value);
void statement_bind_bytes(struct statement *s, struct span value);
/* NULL for NULL. */
void statement_bind_text(struct statement *s, const char *value);

enum statement_outcome { STATEMENT_ROW = 1 };
/* STATEMENT_ROW with a row, 0 at the end, -errno. */
_checked_ int statement_step(struct statement *s);
/* Steps a statement that gives no rows. 0, -errno. */
_checked_ int statement_run(struct statement *s);
/* How many rows the statement that has just run changed. */
unsigned statement_changes(const struct statement *s);
int64_t statement_inserted_id(const struct statement *s);

/* 0 for NULL. */
int64_t statement_take_number(struct statement *s);
bool statement_take_boolean(struct statement *s);
/* The copy is the caller's; empty for NULL. */
void statement_take_bytes(struct statement *s, struct bytes *ret);
/* NULL for NULL. */
void statement_take_text(struct statement *s, char **ret);
/* The same, borrowed until the next step. */
struct span statement_take_span(struct statement *s);
const char *statement_take_text0(struct statement *s);
/* Whether the text taken last ends where its value does: SQLite keeps a NUL and what follows. */
bool statement_took_whole_text(const struct statement *s);
void statement_take_digest(struct statement *s, uint8_t ret[static SHA256_SIZE]);
/* 0, or what failed so far. */
_checked_ int statement_error(const struct statement *s);
