/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/internal.h"
#include "tests/unit/daemon/store/fixture.h"
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void be_told(struct store *store, bool writable, const char *part)
{
	const char *reason = NULL;

	assert_int_equal(store_is_writable(store, &reason), writable);
	assert_non_null(strstr(reason, part));
	if (writable)
		assert_string_equal(reason, "");
}

/* A limit on the size of files stands in for a disk that takes no more. */
static void limit_files(const struct fixture *fixture, bool limited)
{
	struct rlimit limit;
	struct stat status;
	char path[160];

	snprintf(path, sizeof(path), "%s-wal", fixture->path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = limited ? (rlim_t)status.st_size : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_disk_that_takes_no_writes_is_told_and_comes_back(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	_cleanup_(ca_request_record_done) struct ca_request_record record = request_of("t", 1);
	struct ca_request_record none = {};
	uint8_t before[SHA256_SIZE];
	uint8_t after[SHA256_SIZE];

	signal(SIGXFSZ, SIG_IGN);
	be_told(store, true, "");
	store_audit_head(store, before);
	limit_files(fixture, true);
	assert_int_equal(commit_request(store, &record, 0), -EIO);
	assert_int_equal(record.id, 0);
	assert_int_equal(record.revision, 0);
	be_told(store, false, "input/output");
	assert_int_equal(store_probe(store), -EIO);
	assert_int_equal(
		find_request(store, LABEL, SPAN_LITERAL("t"), SPAN_ARRAY(record.requester), &none),
		STORE_NOT_FOUND);

	limit_files(fixture, false);
	be_told(store, false, "input/output");
	assert_int_equal(store_probe(store), 0);
	be_told(store, true, "");
	store_audit_head(store, after);
	assert_memory_equal(before, after, SHA256_SIZE);
	assert_int_equal(commit_request(store, &record, 0), 0);
}

/* Else it would go on into a file that nobody can open again. */
static void a_file_that_was_taken_away_takes_no_changes(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record record = request_of("t", 1);
	char away[160];

	snprintf(away, sizeof(away), "%s-away", fixture->path);
	assert_int_equal(rename(fixture->path, away), 0);
	assert_int_equal(commit_request(fixture->store, &record, 0), -ESTALE);
	be_told(fixture->store, false, "removed or replaced");
	assert_int_equal(store_probe(fixture->store), -ESTALE);
	assert_int_equal(rename(away, fixture->path), 0);
	assert_int_equal(store_probe(fixture->store), 0);
	be_told(fixture->store, true, "");
	assert_int_equal(commit_request(fixture->store, &record, 0), 0);
}

/* An outcome says nothing of the disk. */
static void an_outcome_is_no_trouble(void **state)
{
	struct fixture *fixture = *state;
	struct store_change again = {.now_s = NOW, .create_server = LABEL};

	assert_int_equal(store_commit(fixture->store, &again), STORE_EXISTS);
	be_told(fixture->store, true, "");
}

struct step {
	int64_t counter; /* a row to leave behind */
	int result;	 /* what it gives afterwards */
};

/* Changes something first, so that its outcome has something to undo. */
static int change_and_answer(struct connection *connection, void *argument)
{
	const struct step *step = argument;
	char sql[160];

	snprintf(sql, sizeof(sql),
		 "UPDATE server SET next_counter = next_counter + %lld WHERE label = '" LABEL "'",
		 (long long)step->counter);
	assert_int_equal(sqlite3_exec(connection->db, sql, NULL, NULL, NULL), SQLITE_OK);
	return step->result;
}

#define THREADS 16
#define ROUNDS	25

struct worker {
	pthread_t thread;
	struct writer *writer;
	unsigned number;
	int failures;
};

static void *work(void *argument)
{
	struct worker *worker = argument;

	for (unsigned i = 0; i < ROUNDS; i++) {
		int wanted = (worker->number + i) % 4 == 0   ? STORE_CHANGED
			     : (worker->number + i) % 4 == 1 ? -EINVAL
							     : 0;
		struct step step = {wanted ? 1000000 : 1, wanted};

		worker->failures += writer_do(worker->writer, change_and_answer, &step) != wanted;
	}
	return NULL;
}

/* Many changes share a transaction; those that end otherwise leave nothing, the others all. */
static void the_outcome_of_one_is_nothing_to_the_others(void **state)
{
	struct fixture *fixture = *state;
	struct worker workers[THREADS] = {};
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};

	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].writer = fixture->store->writer;
		workers[i].number = i;
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].failures, 0);
	}
	assert_int_equal(store_server_load(fixture->store, LABEL, &server), 0);
	assert_int_equal(server.next_counter, 2 + THREADS * ROUNDS / 2);
}

/* A change that loses the whole transaction (as a full disk makes SQLite do) takes its group along,
 * not the writer. */
static int lose_transaction(struct connection *connection, void *argument)
{
	(void)argument;
	assert_int_equal(sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	return -ENOSPC;
}

static void a_lost_transaction_is_told_and_the_next_one_holds(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record record = request_of("t", 1);

	assert_int_equal(writer_do(fixture->store->writer, lose_transaction, NULL), -ENOSPC);
	be_told(fixture->store, false, "full");
	assert_int_equal(commit_request(fixture->store, &record, 0), 0);
	be_told(fixture->store, true, "");
}

/* Readers see nothing that is not committed, and wait for nobody. */
static int look_from_outside(struct connection *connection, void *argument)
{
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};
	struct step step = {50, 0};

	change_and_answer(connection, &step);
	assert_int_equal(store_server_load(argument, LABEL, &server), 0);
	assert_int_equal(server.next_counter, 2);
	return 0;
}

static void readers_see_what_is_committed(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};

	assert_int_equal(writer_do(fixture->store->writer, look_from_outside, fixture->store), 0);
	assert_int_equal(store_server_load(fixture->store, LABEL, &server), 0);
	assert_int_equal(server.next_counter, 52);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_disk_that_takes_no_writes_is_told_and_comes_back,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(a_file_that_was_taken_away_takes_no_changes,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(an_outcome_is_no_trouble, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(the_outcome_of_one_is_nothing_to_the_others,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(a_lost_transaction_is_told_and_the_next_one_holds,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(readers_see_what_is_committed, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
