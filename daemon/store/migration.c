/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/migration.h"
#include "daemon/base/log.h"
#include "daemon/store/connection.h"

/* The one number that @sql gives. */
static int read_number(sqlite3 *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : connection_errno(db, rc);
}

/* The version, once it is sure that the database is ours or empty. */
static int read_version(sqlite3 *db, const struct migration_list *list, size_t *ret)
{
	int64_t application = 0;
	int64_t version = 0;
	int64_t tables = 0;
	int r;

	r = read_number(db, "PRAGMA application_id", &application);
	if (r >= 0)
		r = read_number(db, "PRAGMA user_version", &version);
	if (r >= 0)
		r = read_number(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (r < 0)
		return r;
	if (application != MIGRATION_APPLICATION_ID && (application || version || tables))
		return -EUCLEAN;
	if (version < 0 || (uint64_t)version > list->n)
		return -EUCLEAN;
	*ret = (size_t)version;
	return 0;
}

static int execute(sqlite3 *db, const char *sql)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : connection_errno(db, rc);
}

/* One step, if the database still needs one: another process may have done it meanwhile. */
static int step(sqlite3 *db, const struct migration_list *list, size_t *ret_version)
{
	int r;

	r = read_version(db, list, ret_version);
	if (r < 0 || *ret_version == list->n)
		return r;
	r = execute(db, list->sql[*ret_version]);
	if (r < 0)
		return r;
	log_debug(LOG_FIELDS(log_number("VERSION", (int64_t)*ret_version + 1)),
		  "database schema migrated");
	return read_version(db, list, ret_version);
}

int migration_run(sqlite3 *db, const struct migration_list *list)
{
	size_t version;
	int r;

	for (r = read_version(db, list, &version); r >= 0 && version < list->n;) {
		r = execute(db, "BEGIN IMMEDIATE");
		if (r < 0)
			return r;
		r = step(db, list, &version);
		if (r >= 0)
			r = execute(db, "COMMIT");
		if (r < 0 && !sqlite3_get_autocommit(db))
			(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	}
	return r;
}
