/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/migration.h"
#include "tests/unit/daemon/store/fixture.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

static mode_t mode_of(const struct fixture *fixture, const char *end)
{
	struct stat status;
	char path[160];

	snprintf(path, sizeof(path), "%s%s", fixture->path, end);
	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static void nobody_else_reads_the_files(void **state)
{
	struct fixture *fixture = *state;
	mode_t before = umask(0);

	assert_int_equal(mode_of(fixture, ""), 0600);
	assert_int_equal(mode_of(fixture, "-wal"), 0600);
	assert_int_equal(mode_of(fixture, "-shm"), 0600);
	fixture->store = store_close(fixture->store);
	assert_int_equal(chmod(fixture->path, 0644), 0);
	fixture_reopen(fixture);
	assert_int_equal(mode_of(fixture, ""), 0600);
	assert_int_equal(mode_of(fixture, "-wal"), 0600);
	umask(before);
}

static void the_password_key_is_made_once(void **state)
{
	struct fixture *fixture = *state;
	struct span key = store_password_key(fixture->store);
	uint8_t first[32];
	uint8_t zeros[32] = {};

	assert_int_equal(key.size, 32);
	memcpy(first, key.data, 32);
	assert_memory_not_equal(first, zeros, 32);
	fixture_reopen(fixture);
	key = store_password_key(fixture->store);
	assert_int_equal(key.size, 32);
	assert_memory_equal(key.data, first, 32);
}

static void execute(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void a_database_of_tomorrow_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char today[64];

	snprintf(today, sizeof(today), "PRAGMA user_version = %zu", migrations_of_store.n);
	fixture->store = store_close(fixture->store);
	execute(fixture->path, "PRAGMA user_version = 10000");
	assert_int_equal(store_open(fixture->path, &fixture->store), -EUCLEAN);
	assert_null(fixture->store);
	execute(fixture->path, today);
	assert_int_equal(store_open(fixture->path, &fixture->store), 0);
}

static void overwrite(const char *path, size_t n)
{
	int fd = open(path, O_WRONLY);
	uint8_t garbage[4096];

	memset(garbage, 0x5a, sizeof(garbage));
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, garbage, n, 0), n);
	close(fd);
}

static void a_damaged_file_is_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture->store = store_close(fixture->store);
	overwrite(fixture->path, 4096);
	assert_int_equal(store_open(fixture->path, &fixture->store), -EUCLEAN);
	assert_null(fixture->store);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
	struct store *store = NULL;

	(void)state;
	assert_int_equal(store_open("/nonexistent/claviger.db", &store), -ENOENT);
	assert_null(store);
}

#define THREADS 4
#define REPORTS 40 /* after so many the process is killed */

struct issuer {
	pthread_t thread;
	struct store *store;
	unsigned number;
	uint64_t first;
	int fd;
};

/* As an enrolment does it: commit, and only then tell the client. */
static void *issue(void *argument)
{
	static const struct store_audit event = {"certificate.issue", "scep", "{}"};
	struct issuer *issuer = argument;

	for (uint64_t counter = issuer->first + issuer->number;; counter += THREADS) {
		char transaction[32];
		struct ca_request_record request;
		struct ca_certificate_record certificate = certificate_of(counter);
		struct store_change change = {.server = LABEL,
					      .now_s = NOW,
					      .request = &request,
					      .certificate = &certificate,
					      .audit = &event,
					      .n_audit = 1};

		snprintf(transaction, sizeof(transaction), "%llu", (unsigned long long)counter);
		request = request_of(transaction, 1);
		request.state = CA_REQUEST_GRANTED;
		if (store_commit(issuer->store, &change) ||
		    write(issuer->fd, &counter, sizeof(counter)) != sizeof(counter))
			_exit(1);
		ca_request_record_done(&request);
		ca_certificate_record_done(&certificate);
	}
	return NULL;
}

static void issue_until_killed(const char *path, uint64_t first, int fd)
{
	struct issuer issuers[THREADS] = {};
	struct store *store = NULL;

	if (store_open(path, &store))
		_exit(2);
	for (unsigned i = 0; i < THREADS; i++) {
		issuers[i] = (struct issuer){.store = store, .number = i, .first = first, .fd = fd};
		if (pthread_create(&issuers[i].thread, NULL, issue, &issuers[i]))
			_exit(3);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(issuers[i].thread, NULL);
	_exit(4);
}

/* How many it told of; it is dead afterwards. */
static size_t kill_in_mid_commit(const char *path, uint64_t first, uint64_t *ret, size_t most)
{
	int fds[2];
	int status;
	size_t n = 0;
	pid_t child;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		issue_until_killed(path, first, fds[1]);
	close(fds[1]);
	while (n < most && read(fds[0], &ret[n], sizeof(ret[n])) == sizeof(ret[n]))
		if (++n == REPORTS)
			kill(child, SIGKILL);
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return n;
}

static void what_was_told_is_there_after_a_kill(void **state)
{
	struct fixture *fixture = *state;
	uint64_t told[REPORTS + 256];

	for (unsigned round = 0; round < 4; round++) {
		uint64_t first = 100 + round * 100000;
		int64_t good = 0;
		size_t n;

		fixture->store = store_close(fixture->store);
		n = kill_in_mid_commit(fixture->path, first, told, ELEMENTS(told));
		assert_true(n >= REPORTS);
		assert_int_equal(store_open(fixture->path, &fixture->store), 0);
		for (size_t i = 0; i < n; i++) {
			_cleanup_(ca_certificate_record_done) struct ca_certificate_record
				certificate = {};
			_cleanup_(ca_request_record_done) struct ca_request_record request = {};

			assert_int_equal(store_certificate_find_counter(fixture->store, LABEL,
									told[i], &certificate),
					 0);
			assert_int_equal(store_request_load(fixture->store, LABEL,
							    certificate.request_id, &request),
					 0);
			assert_int_equal(request.certificate_id, certificate.id);
		}
		assert_int_equal(verify_audit(fixture->store, &good), 0);
		assert_true(good >= (int64_t)n);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_else_reads_the_files, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(the_password_key_is_made_once, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_database_of_tomorrow_is_refused, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_refused, fixture_make,
						fixture_drop),
		cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
		cmocka_unit_test_setup_teardown(what_was_told_is_there_after_a_kill, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
