/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/connection.h"
#include "daemon/base/log.h"
#include <stdlib.h>
#include <string.h>

#define BUSY_MS 10000 /* another process (a backup) may hold the lock for a while */

static int errno_of_constraint(int rc)
{
	if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
	    rc == SQLITE_CONSTRAINT_ROWID)
		return -EEXIST;
	return -EINVAL;
}

/* What the system said when SQLite could not read or write. */
static int errno_of_system(sqlite3 *db)
{
	static const int telling[] = {ENOSPC, EDQUOT, EROFS, EACCES, ENOENT, EMFILE, ENFILE};
	int error = db ? sqlite3_system_errno(db) : 0;

	for (size_t i = 0; i < ELEMENTS(telling); i++)
		if (error == telling[i])
			return error == EDQUOT ? -ENOSPC : -error;
	return -EIO;
}

int connection_errno(sqlite3 *db, int rc)
{
	static const struct {
		int rc, error;
	} rows[] = {
		{SQLITE_FULL, ENOSPC},	    {SQLITE_READONLY, EROFS}, {SQLITE_CORRUPT, EUCLEAN},
		{SQLITE_NOTADB, EUCLEAN},   {SQLITE_FORMAT, EUCLEAN}, {SQLITE_NOMEM, ENOMEM},
		{SQLITE_BUSY, EBUSY},	    {SQLITE_LOCKED, EBUSY},   {SQLITE_PERM, EACCES},
		{SQLITE_TOOBIG, EFBIG},	    {SQLITE_PROTOCOL, EBUSY}, {SQLITE_SCHEMA, EUCLEAN},
		{SQLITE_MISMATCH, EUCLEAN},
	};
	int primary = rc & 0xff;

	/* Wrong use of SQLite is ours to mend, not to handle. */
	assert(primary != SQLITE_MISUSE && primary != SQLITE_RANGE && rc != SQLITE_OK);
	log_debug(LOG_FIELDS(log_number("SQLITE", rc)), "database: %s",
		  db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
	if (primary == SQLITE_CONSTRAINT)
		return errno_of_constraint(rc);
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].rc == primary)
			return -rows[i].error;
	return errno_of_system(db);
}

/* Rows of `PRAGMA journal_mode`: the mode that the database is in now. */
static int note_wal(void *context, int n, char **values, char **names)
{
	bool *is_wal = context;

	(void)names;
	*is_wal = n == 1 && values[0] && !strcmp(values[0], "wal");
	return 0;
}

static int configure(sqlite3 *db, enum connection_role role)
{
	static const char common[] = "PRAGMA synchronous = FULL;"
				     "PRAGMA foreign_keys = ON;"
				     "PRAGMA trusted_schema = OFF;"
				     "PRAGMA cell_size_check = ON;"
				     "PRAGMA temp_store = MEMORY;"
				     "PRAGMA journal_size_limit = 16777216;";
	bool is_wal = false;
	int rc;

	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, BUSY_MS);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	rc = sqlite3_exec(db, "PRAGMA journal_mode = WAL", note_wal, &is_wal, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, common, NULL, NULL, NULL);
	if (rc == SQLITE_OK && role == CONNECTION_READS)
		rc = sqlite3_exec(db, "PRAGMA query_only = ON", NULL, NULL, NULL);
	/* Checkpoints run beside the commits (checkpoint.h), never inside one. */
	if (rc == SQLITE_OK)
		rc = sqlite3_wal_autocheckpoint(db, 0);
	if (rc != SQLITE_OK)
		return connection_errno(db, rc);
	return is_wal ? 0 : -ENOTSUP;
}

int connection_open(const char *path, enum connection_role role, struct connection **ret)
{
	_cleanup_(connection_freep) struct connection *connection = calloc(1, sizeof(*connection));
	int rc;
	int r;

	if (!connection)
		return -ENOMEM;
	rc = sqlite3_open_v2(path, &connection->db,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
			     NULL);
	if (rc != SQLITE_OK)
		return connection_errno(connection->db, rc);
	r = configure(connection->db, role);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(connection);
	return 0;
}

struct connection *connection_free(struct connection *connection)
{
	if (!connection)
		return NULL;
	for (size_t i = 0; i < STATEMENTS_; i++)
		sqlite3_finalize(connection->statements[i]);
	sqlite3_close(connection->db);
	free(connection);
	return NULL;
}

void connection_freep(struct connection **connection)
{
	*connection = connection_free(*connection);
}

int pool_init(struct pool *pool, const char *path)
{
	*pool = (struct pool){.path = strdup(path)};
	pthread_mutex_init(&pool->lock, NULL);
	return pool->path ? 0 : -ENOMEM;
}

void pool_done(struct pool *pool)
{
	for (size_t i = 0; i < pool->n_idle; i++)
		connection_free(pool->idle[i]);
	pthread_mutex_destroy(&pool->lock);
	free(pool->path);
	*pool = (struct pool){};
}

int pool_borrow(struct pool *pool, struct connection **ret)
{
	struct connection *connection = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->n_idle)
		connection = pool->idle[--pool->n_idle];
	pthread_mutex_unlock(&pool->lock);
	if (!connection)
		return connection_open(pool->path, CONNECTION_READS, ret);
	*ret = connection;
	return 0;
}

void pool_give_back(struct pool *pool, struct connection *connection)
{
	if (!connection)
		return;
	pthread_mutex_lock(&pool->lock);
	if (pool->n_idle < ELEMENTS(pool->idle))
		pool->idle[pool->n_idle++] = TAKE_PTR(connection);
	pthread_mutex_unlock(&pool->lock);
	connection_free(connection);
}
