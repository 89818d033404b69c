/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/connection.h"
#include "tests/unit/daemon/store/fixture.h"

static void codes_become_errors(void **state)
{
	static const struct {
		int rc, error;
	} cases[] = {
		{SQLITE_FULL, -ENOSPC},
		{SQLITE_READONLY, -EROFS},
		{SQLITE_READONLY_DBMOVED, -EROFS},
		{SQLITE_CORRUPT, -EUCLEAN},
		{SQLITE_CORRUPT_INDEX, -EUCLEAN},
		{SQLITE_NOTADB, -EUCLEAN},
		{SQLITE_NOMEM, -ENOMEM},
		{SQLITE_IOERR, -EIO},
		{SQLITE_IOERR_FSYNC, -EIO},
		{SQLITE_BUSY, -EBUSY},
		{SQLITE_BUSY_SNAPSHOT, -EBUSY},
		{SQLITE_CONSTRAINT_UNIQUE, -EEXIST},
		{SQLITE_CONSTRAINT_PRIMARYKEY, -EEXIST},
		{SQLITE_CONSTRAINT_FOREIGNKEY, -EINVAL},
		{SQLITE_CONSTRAINT_CHECK, -EINVAL},
		{SQLITE_CONSTRAINT_NOTNULL, -EINVAL},
		{SQLITE_TOOBIG, -EFBIG},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		assert_int_equal(connection_errno(NULL, cases[i].rc), cases[i].error);
}

static void a_reader_cannot_write(void **state)
{
	struct fixture *fixture = *state;
	struct connection *connection = NULL;

	assert_int_equal(connection_open(fixture->path, CONNECTION_READS, &connection), 0);
	assert_int_equal(
		sqlite3_exec(connection->db, "UPDATE server SET enabled = 1", NULL, NULL, NULL),
		SQLITE_READONLY);
	connection_free(connection);
}

static int note_number(void *context, int n, char **values, char **names)
{
	(void)names;
	assert_int_equal(n, 1);
	*(int *)context = atoi(values[0]);
	return 0;
}

static int pragma(const struct connection *connection, const char *sql)
{
	int value = -1;

	assert_int_equal(sqlite3_exec(connection->db, sql, note_number, &value, NULL), SQLITE_OK);
	return value;
}

static void commits_are_durable_and_references_hold(void **state)
{
	struct fixture *fixture = *state;
	struct connection *connection = NULL;

	assert_int_equal(connection_open(fixture->path, CONNECTION_WRITES, &connection), 0);
	assert_int_equal(pragma(connection, "PRAGMA synchronous"), 2);
	assert_int_equal(pragma(connection, "PRAGMA foreign_keys"), 1);
	assert_int_equal(pragma(connection, "PRAGMA trusted_schema"), 0);
	assert_int_equal(pragma(connection, "PRAGMA wal_autocheckpoint"), 0);
	assert_int_equal(sqlite3_exec(connection->db,
				      "INSERT INTO crl VALUES (999, 1, 0, 0, 0, x'00', NULL)", NULL,
				      NULL, NULL),
			 SQLITE_CONSTRAINT_FOREIGNKEY);
	assert_int_equal(sqlite3_exec(connection->db,
				      "PRAGMA writable_schema = ON;"
				      "DELETE FROM sqlite_schema",
				      NULL, NULL, NULL),
			 SQLITE_ERROR);
	connection_free(connection);
}

static void what_is_not_there_is_not_made(void **state)
{
	struct connection *connection = NULL;

	(void)state;
	assert_int_equal(connection_open("/nonexistent/claviger.db", CONNECTION_READS, &connection),
			 -ENOENT);
	assert_null(connection);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_become_errors),
		cmocka_unit_test_setup_teardown(a_reader_cannot_write, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(commits_are_durable_and_references_hold,
						fixture_make, fixture_drop),
		cmocka_unit_test(what_is_not_there_is_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
