/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/checkpoint.h"
#include "tests/unit/daemon/store/fixture.h"
#include <sys/stat.h>

#define CRL_BYTES (512 * 1024)
#define MIB	  (1024 * 1024)

static off_t size_of(const struct fixture *fixture, const char *end)
{
	struct stat status;
	char path[160];

	snprintf(path, sizeof(path), "%s%s", fixture->path, end);
	return stat(path, &status) ? -1 : status.st_size;
}

static void commit_crl(struct store *store, uint64_t number)
{
	static uint8_t crl[CRL_BYTES];
	struct store_change change = {.server = LABEL,
				      .now_s = NOW,
				      .crl = SPAN_ARRAY(crl),
				      .crl_number = number,
				      .crl_this_update_s = NOW,
				      .crl_next_update_s = NOW + 1};

	memset(crl, (int)number, sizeof(crl));
	assert_int_equal(store_commit(store, &change), 0);
}

/* 128 MiB through the log: it stays bounded, whatever the thread keeps up with. */
static void the_log_does_not_grow_for_ever(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};

	for (uint64_t number = 1; number <= 256; number++) {
		commit_crl(fixture->store, number);
		assert_true(size_of(fixture, "-wal") < 80 * MIB);
	}
	assert_int_equal(store_crl_load(fixture->store, LABEL, &crl), 0);
	assert_int_equal(crl.number, 256);
	assert_int_equal(crl.der.size, CRL_BYTES);
	assert_int_equal(crl.der.data[CRL_BYTES - 1], 0);
}

/* A reader that holds on to an old snapshot keeps the log from being emptied, never a commit from
 * being made. */
static int commit_meanwhile(void *context, const struct ca_request_record *record)
{
	(void)record;
	for (uint64_t number = 1; number <= 160; number++)
		commit_crl(context, number);
	return 0;
}

static void a_slow_reader_holds_up_no_commit(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record record = request_of("t", 1);

	assert_int_equal(commit_request(fixture->store, &record, 0), 0);
	assert_int_equal(store_request_list(fixture->store, LABEL, &(struct store_request_filter){},
					    commit_meanwhile, fixture->store),
			 0);
}

static void a_clean_stop_leaves_one_file(void **state)
{
	struct fixture *fixture = *state;

	commit_crl(fixture->store, 1);
	assert_true(size_of(fixture, "-wal") > 0);
	fixture->store = store_close(fixture->store);
	assert_int_equal(size_of(fixture, "-wal"), -1);
	assert_true(size_of(fixture, "") > CRL_BYTES);
	fixture_reopen(fixture);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_log_does_not_grow_for_ever, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_slow_reader_holds_up_no_commit, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_clean_stop_leaves_one_file, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
