/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/statement.h"
#include "tests/unit/daemon/store/fixture.h"

static const struct row {
	const char *name, *sql;
} rows[] = {
#define STATEMENT(name, sql) {#name, sql},
#include "daemon/store/statements.def"
#undef STATEMENT
};

/* Walks through a table that grows, or through all that one server has in it. */
static bool is_slow_step(const char *plan)
{
	static const char *const growing[] = {"request", "certificate", "password", "audit"};
	char scan[64];

	for (size_t i = 0; i < ELEMENTS(growing); i++) {
		snprintf(scan, sizeof(scan), "SCAN %s", growing[i]);
		if (!strncmp(plan, scan, strlen(scan)))
			return true;
	}
	return strstr(plan, "TEMP B-TREE") ||
	       (strstr(plan, "(server_id=?)") && !strstr(plan, "SEARCH generation"));
}

/* What looks like a walk and is none: one step back from the end, or an index of few rows. */
static bool is_known_to_be_quick(const struct row *row, const char *plan)
{
	static const struct {
		const char *name, *plan;
	} known[] = {
		{"AUDIT_HEAD", "SCAN audit"},
		{"AUDIT_NEWEST", "SCAN audit"},
		{"CHECKPOINT_NEWEST", "SCAN audit_checkpoint"},
		{"CHECKPOINT_LIST", "SCAN audit_checkpoint"},	   /* all of them are wanted */
		{"SERVER_DELETE_REQUESTS", "request_other"},	   /* an operator's act, once */
		{"SERVER_LOAD", "sqlite_autoindex_certificate_2"}, /* the highest counter */
		{"REQUEST_COUNT_PENDING", "request_waiting"},
		{"REQUEST_COUNT_PENDING", "request_forwarded"},
		{"REQUEST_MOST_PENDING", "request_waiting"}, /* what waits is bounded */
		{"REQUEST_MOST_PENDING", "TEMP B-TREE FOR ORDER BY"},
		{"PARKED_SUM", "parked_peer"}, /* what is parked is bounded, too */
		{"PARKED_MOST", "TEMP B-TREE FOR ORDER BY"},
		{"PARKED_LARGEST", "TEMP B-TREE FOR ORDER BY"},
		{"SERVER_DELETE_PARKED", "(server_id=?)"}, /* all are meant */
		{"PARKED_EXPIRE", "parked_server"},
		{"REQUEST_REMOVE_ALL", "request_"},	   /* all are meant */
		{"SETTING_LIST", "setting"},		   /* as many as there are options */
		{"TARGET_FACTS", "certificate_of_server"}, /* the last one's id */
		{"TARGET_FACTS", "sqlite_autoindex_certificate_2"},
		{"TARGET_LIST", "sqlite_autoindex_target_1"},
		{"TRUSTPOINT_ENROLLMENT_LIST", "TEMP B-TREE FOR ORDER BY"}, /* two at most */
		{"CERTIFICATE_REVOKED", "certificate_revoked"},
		{"CERTIFICATE_REVOKED_ALL", "certificate_revoked"},
		{"CERTIFICATE_REVOKED_ALL", "revoked_elsewhere_order"},
		{"REVOKED_ELSEWHERE_CLEAR", "revoked_elsewhere"},
		{"SERVER_LOAD", "sqlite_autoindex_crl_ahead_1"}, /* the lowest and highest number */
		{"CRL_AHEAD_LIST", "crl_ahead"},
		{"CRL_AHEAD_DUE", "crl_ahead"},
		{"CRL_AHEAD_DROP_OF", "crl_ahead"}, /* a thousand at most */
		{"PEER_CRL_TRIM", "TEMP B-TREE"},   /* 64 at most */
		{"PEER_CRL_FIND", "TEMP B-TREE FOR ORDER BY"},
		{"EXCHANGE_LIST", "TEMP B-TREE FOR ORDER BY"}, /* a few of each generation */
	};

	for (size_t i = 0; i < ELEMENTS(known); i++)
		if (!strcmp(row->name, known[i].name) && strstr(plan, known[i].plan))
			return true;
	return false;
}

static unsigned count_slow_steps(sqlite3 *db, const struct row *row)
{
	sqlite3_stmt *stmt = NULL;
	unsigned n_slow = 0;
	char sql[2048];

	snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", row->sql);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *plan = (const char *)sqlite3_column_text(stmt, 3);

		if (!is_slow_step(plan) || is_known_to_be_quick(row, plan))
			continue;
		print_error("%s: %s\n", row->name, plan);
		n_slow++;
	}
	sqlite3_finalize(stmt);
	return n_slow;
}

/* A million certificates must not make an enrolment slower than a hundred do. */
static void no_statement_walks_through_what_grows(void **state)
{
	struct fixture *fixture = *state;
	unsigned n_slow = 0;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		n_slow += count_slow_steps(db, &rows[i]);
	sqlite3_close(db);
	assert_int_equal(n_slow, 0);
}

static void values_go_in_and_come_out(void **state)
{
	struct fixture *fixture = *state;
	struct connection *connection = NULL;
	struct ca_request_record none = {};

	/* SQL in a label or a transactionID is a name like any other. */
	assert_int_equal(find_request(fixture->store, "x' OR '1'='1",
				      SPAN_LITERAL("'; DROP TABLE request; --"), SPAN_LITERAL("\0"),
				      &none),
			 STORE_NOT_FOUND);
	assert_int_equal(connection_open(fixture->path, CONNECTION_READS, &connection), 0);
	for (unsigned i = 0; i < 3; i++) {
		_cleanup_(statement_done) struct statement s =
			statement_begin(connection, STATEMENT_SERVER_FIND);

		statement_bind_text(&s, LABEL);
		assert_int_equal(statement_step(&s), STATEMENT_ROW);
		assert_true(statement_take_number(&s) > 0);
		assert_int_equal(statement_step(&s), 0);
	}
	connection_free(connection);
}

static void a_count_past_the_database_is_a_fault(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record =
		certificate_of(2);
	const char *reason;

	record.counter = (uint64_t)INT64_MAX + 1;
	assert_int_equal(commit_certificate(fixture->store, &record), -EOVERFLOW);
	/* It was the change's own fault, not the disk's. */
	assert_true(store_is_writable(fixture->store, &reason));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_statement_walks_through_what_grows, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(values_go_in_and_come_out, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_count_past_the_database_is_a_fault, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
