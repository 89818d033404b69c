/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One connection to the database, used by one thread at a time, with its prepared statements; and a
 * pool of those that read. SQLite's codes end here: everything above sees -errno.
 */

#include "daemon/base/bytes.h"
#include <pthread.h>
#include <sqlite3.h>

enum statement_name {
#define STATEMENT(name, sql) STATEMENT_##name,
#include "daemon/store/statements.def"
#undef STATEMENT
	STATEMENTS_,
};

struct connection {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS_]; /* prepared at first use */
};

/* -errno for SQLite's @rc; @db (may be NULL) tells the system's own error. Logged at debug.
 * -EEXIST: a unique value stands already. */
int connection_errno(sqlite3 *db, int rc);

enum connection_role { CONNECTION_READS, CONNECTION_WRITES };
/* Opens an existing file in WAL mode, synchronous=FULL. One that reads can't write. */
_checked_ int connection_open(const char *path, enum connection_role role, struct connection **ret);
struct connection *connection_free(struct connection *connection);
void connection_freep(struct connection **connection);

/* Read connections that nobody uses at the moment; as many are opened as are used at once. */
struct pool {
	char *path;
	pthread_mutex_t lock;
	struct connection *idle[16];
	size_t n_idle;
};
_checked_ int pool_init(struct pool *pool, const char *path);
void pool_done(struct pool *pool);
_checked_ int pool_borrow(struct pool *pool, struct connection **ret);
void pool_give_back(struct pool *pool, struct connection *connection);
