/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/audit.h"
#include "tests/unit/daemon/store/fixture.h"
#include <pthread.h>

static int commit_events(struct store *store, const char *server, const struct store_audit *events,
			 size_t n)
{
	struct store_change change = {
		.server = server, .now_s = NOW, .audit = events, .n_audit = n};

	return store_commit(store, &change);
}

/* Computed once, with another program, from the encoding that the header describes. */
static void the_hash_is_the_documented_one(void **state)
{
	struct store_audit_record record = {.time_s = NOW,
					    .server = "ROOTCA",
					    .type = "server.create",
					    .actor = "uid 0",
					    .details = "{\"a\":1}"};
	static const uint8_t expected[SHA256_SIZE] = {
		0x23, 0x8b, 0x60, 0x58, 0x2b, 0x9d, 0xbd, 0x98, 0x46, 0xcf, 0x18,
		0x4f, 0x72, 0x52, 0x1c, 0xd7, 0xbe, 0xec, 0x94, 0xe5, 0x2b, 0x38,
		0xd6, 0xec, 0x2e, 0x3c, 0x9d, 0xe2, 0xf4, 0x38, 0xd6, 0x49};
	uint8_t hash[SHA256_SIZE];

	(void)state;
	memset(record.previous, 0xab, SHA256_SIZE);
	assert_int_equal(audit_hash(&record, hash), 0);
	assert_memory_equal(hash, expected, SHA256_SIZE);
}

static void every_field_counts_and_none_runs_into_the_next(void **state)
{
	const struct store_audit_record plain = {
		.time_s = 1, .server = "s", .type = "t", .actor = "a", .details = "d"};
	struct store_audit_record cases[7];
	uint8_t hash[SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		cases[i] = plain;
	cases[0].time_s = 2;
	cases[1].server = "x";
	cases[2].type = "ta";
	cases[2].actor = "";
	cases[3].actor = "x";
	cases[4].details = "x";
	cases[5].previous[31] = 1;
	cases[6].server = NULL;
	assert_int_equal(audit_hash(&plain, hash), 0);
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		uint8_t other[SHA256_SIZE];

		assert_int_equal(audit_hash(&cases[i], other), 0);
		assert_memory_not_equal(hash, other, SHA256_SIZE);
	}
}

struct seen {
	size_t n;
	int64_t seq;
	uint8_t head[SHA256_SIZE];
	char types[8][32];
	bool global;
};

static int note(void *context, const struct store_audit_record *record)
{
	struct seen *seen = context;

	assert_memory_equal(record->previous, seen->head, SHA256_SIZE);
	memcpy(seen->head, record->hash, SHA256_SIZE);
	seen->seq = record->seq;
	seen->global = !record->server;
	assert_int_equal(record->time_s, NOW);
	if (seen->n < ELEMENTS(seen->types))
		snprintf(seen->types[seen->n], sizeof(seen->types[0]), "%s", record->type);
	seen->n++;
	return 0;
}

static void records_chain_in_order_across_changes_and_restarts(void **state)
{
	static const struct store_audit first[] = {{"a", "uid 0", "{}"}, {"b", "uid 0", "{}"}};
	static const struct store_audit second[] = {{"c", "scep 192.0.2.1", "{\"x\":\"y\"}"}};
	struct fixture *fixture = *state;
	struct seen seen = {};
	uint8_t head[SHA256_SIZE];
	uint8_t zeros[SHA256_SIZE] = {};
	int64_t good = 0;

	store_audit_head(fixture->store, head);
	assert_memory_equal(head, zeros, SHA256_SIZE);
	assert_int_equal(commit_events(fixture->store, LABEL, first, 2), 0);
	fixture_reopen(fixture);
	assert_int_equal(commit_events(fixture->store, NULL, second, 1), 0);
	assert_int_equal(store_audit_list(fixture->store, 0, 0, note, &seen), 0);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.seq, 3);
	assert_true(seen.global);
	assert_string_equal(seen.types[0], "a");
	assert_string_equal(seen.types[1], "b");
	assert_string_equal(seen.types[2], "c");
	store_audit_head(fixture->store, head);
	assert_memory_equal(head, seen.head, SHA256_SIZE);
	assert_int_equal(verify_audit(fixture->store, &good), 0);
	assert_int_equal(good, 3);

	fixture_reopen(fixture);
	store_audit_head(fixture->store, head);
	assert_memory_equal(head, seen.head, SHA256_SIZE);
}

/* What somebody who has the file can do, and what is seen of it. */
static void tampering_shows(void **state)
{
	static const struct {
		const char *sql;
		int64_t good;
	} cases[] = {
		{"UPDATE audit SET actor = 'nobody' WHERE seq = 3", 2},
		{"UPDATE audit SET time_s = time_s + 1 WHERE seq = 1", 0},
		{"DELETE FROM audit WHERE seq = 2", 1},
		{"DELETE FROM audit WHERE seq = 1", 0},
		{"UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", 3},
		{"UPDATE audit SET previous = zeroblob(32) WHERE seq = 4", 3},
		{"UPDATE audit SET seq = seq + 10 WHERE seq = 4", 3},
		{"UPDATE audit SET details = details || char(0) || 'more' WHERE seq = 2", 1},
		{"UPDATE audit SET server = '' WHERE server IS NULL", 3},
	};
	static const struct store_audit event = {"a", "uid 0", "{}"};
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(commit_events(fixture->store, i < 3 ? LABEL : NULL, &event, 1), 0);
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		sqlite3 *db = NULL;
		int64_t good = -1;

		assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
		/* The triggers stand in the way of accidents. */
		assert_int_equal(sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL),
				 SQLITE_CONSTRAINT);
		assert_int_equal(sqlite3_exec(db,
					      "BEGIN; DROP TRIGGER audit_stands;"
					      "DROP TRIGGER audit_stays;",
					      NULL, NULL, NULL),
				 SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, "CREATE TABLE kept AS SELECT * FROM audit", NULL,
					      NULL, NULL),
				 SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(verify_audit(fixture->store, &good), STORE_CHANGED);
		assert_int_equal(good, cases[i].good);
		assert_int_equal(
			sqlite3_exec(db,
				     "BEGIN; DELETE FROM audit; INSERT INTO audit SELECT * FROM"
				     " kept; DROP TABLE kept;"
				     "CREATE TRIGGER audit_stands BEFORE UPDATE ON audit BEGIN"
				     " SELECT RAISE (ABORT, ''); END;"
				     "CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN"
				     " SELECT RAISE (ABORT, ''); END; COMMIT",
				     NULL, NULL, NULL),
			SQLITE_OK);
		sqlite3_close(db);
		assert_int_equal(verify_audit(fixture->store, &good), 0);
		assert_int_equal(good, 4);
	}
}

#define THREADS 8
#define EVENTS	50

struct witness {
	pthread_t thread;
	struct store *store;
	int failures;
};

static void *testify(void *argument)
{
	static const struct store_audit events[] = {{"a", "uid 0", "{}"}, {"b", "uid 0", "{}"}};
	struct witness *witness = argument;

	for (unsigned i = 0; i < EVENTS; i++)
		witness->failures += commit_events(witness->store, LABEL, events, 2) != 0;
	return NULL;
}

static void many_at_once_make_one_chain(void **state)
{
	struct fixture *fixture = *state;
	struct witness witnesses[THREADS] = {};
	int64_t good = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		witnesses[i].store = fixture->store;
		pthread_create(&witnesses[i].thread, NULL, testify, &witnesses[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(witnesses[i].thread, NULL);
		assert_int_equal(witnesses[i].failures, 0);
	}
	assert_int_equal(verify_audit(fixture->store, &good), 0);
	assert_int_equal(good, THREADS * EVENTS * 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_the_documented_one),
		cmocka_unit_test(every_field_counts_and_none_runs_into_the_next),
		cmocka_unit_test_setup_teardown(records_chain_in_order_across_changes_and_restarts,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(tampering_shows, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(many_at_once_make_one_chain, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
