/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/migration.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FIRST                                                                                      \
	"PRAGMA application_id = 1129070934; CREATE TABLE a (x); INSERT INTO a VALUES (1);"        \
	"PRAGMA user_version = 1;"
#define SECOND "CREATE TABLE b (y); INSERT INTO b SELECT x FROM a; PRAGMA user_version = 2;"
#define BROKEN                                                                                     \
	"CREATE TABLE b (y); DELETE FROM a; PRAGMA user_version = 2; INSERT INTO nowhere VALUES "  \
	"(1);"

static int migrate(sqlite3 *db, const char *const *sql, size_t n)
{
	const struct migration_list list = {sql, n};

	return migration_run(db, &list);
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

static int open_memory(void **state)
{
	return sqlite3_open(":memory:", (sqlite3 **)state);
}

static int close_memory(void **state)
{
	return sqlite3_close(*state);
}

static void each_runs_once_and_in_order(void **state)
{
	static const char *const list[] = {FIRST, SECOND};
	sqlite3 *db = *state;

	assert_int_equal(migrate(db, list, 1), 0);
	assert_int_equal(number(db, "PRAGMA user_version"), 1);
	assert_int_equal(migrate(db, list, 2), 0);
	assert_int_equal(migrate(db, list, 2), 0);
	assert_int_equal(number(db, "PRAGMA user_version"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM a"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM b"), 1);
}

static void one_that_fails_leaves_the_version_before(void **state)
{
	static const char *const broken[] = {FIRST, BROKEN};
	static const char *const mended[] = {FIRST, SECOND};
	sqlite3 *db = *state;

	assert_true(migrate(db, broken, 2) < 0);
	assert_true(sqlite3_get_autocommit(db));
	assert_int_equal(number(db, "PRAGMA user_version"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM a"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
	assert_int_equal(migrate(db, mended, 2), 0);
}

static void a_newer_database_is_left_alone(void **state)
{
	static const char *const list[] = {FIRST, SECOND};
	sqlite3 *db = *state;

	assert_int_equal(migrate(db, list, 2), 0);
	assert_int_equal(migrate(db, list, 1), -EUCLEAN);
	assert_int_equal(number(db, "PRAGMA user_version"), 2);
}

static void another_programs_database_is_left_alone(void **state)
{
	static const char *const foreign[] = {"CREATE TABLE notes (text)",
					      "PRAGMA application_id = 7",
					      "PRAGMA user_version = 1"};

	static const char *const list[] = {FIRST};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(foreign); i++) {
		sqlite3 *db = NULL;

		assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, foreign[i], NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(migrate(db, list, 1), -EUCLEAN);
		assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'a'"),
				 0);
		sqlite3_close(db);
	}
}

/* Each of ours ends with its own number, or the next start would run it again. */
static void ours_set_their_own_numbers(void **state)
{
	sqlite3 *db = *state;

	for (size_t n = 1; n <= migrations_of_store.n; n++) {
		assert_int_equal(migrate(db, migrations_of_store.sql, n), 0);
		assert_int_equal(number(db, "PRAGMA user_version"), n);
		assert_int_equal(number(db, "PRAGMA application_id"), MIGRATION_APPLICATION_ID);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_runs_once_and_in_order, open_memory,
						close_memory),
		cmocka_unit_test_setup_teardown(one_that_fails_leaves_the_version_before,
						open_memory, close_memory),
		cmocka_unit_test_setup_teardown(a_newer_database_is_left_alone, open_memory,
						close_memory),
		cmocka_unit_test(another_programs_database_is_left_alone),
		cmocka_unit_test_setup_teardown(ours_set_their_own_numbers, open_memory,
						close_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
