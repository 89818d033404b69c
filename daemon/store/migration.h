/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Brings a database to the newest schema: each missing migration in a transaction of its own, which
 * also sets the version. A crash leaves the schema before or after one, never between.
 */

#include "daemon/base/err.h"
#include <sqlite3.h>

#define MIGRATION_APPLICATION_ID 0x434c4156 /* "CLAV" */

/* Each one is SQL that ends by setting user_version to its number, from 1. */
struct migration_list {
	const char *const *sql;
	size_t n;
};
extern const struct migration_list migrations_of_store;

/* -EUCLEAN where the database is another program's, damaged, or of a version past the list's. */
_checked_ int migration_run(sqlite3 *db, const struct migration_list *list);
