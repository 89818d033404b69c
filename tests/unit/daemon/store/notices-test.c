/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/notices.h"
#include "tests/unit/daemon/store/fixture.h"

static const uint8_t things[2][SHA256_SIZE] = {{1}, {2}};

static void tell(struct fixture *fixture, size_t thing, int64_t until_s, int64_t told_s)
{
	struct store_notice notice = {.until_s = until_s, .told_s = told_s};

	memcpy(notice.thing, things[thing], SHA256_SIZE);
	assert_int_equal(store_notice_save(fixture->store, &notice), 0);
}

static int64_t told(struct fixture *fixture, size_t thing)
{
	int64_t told_s = -1;

	assert_int_equal(store_notice_load(fixture->store, things[thing], &told_s), 0);
	return told_s;
}

static void remembers_the_last_of_each(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(told(fixture, 0), 0);
	tell(fixture, 0, NOW + 100, NOW);
	assert_int_equal(told(fixture, 0), NOW);
	assert_int_equal(told(fixture, 1), 0);
	tell(fixture, 0, NOW + 100, NOW + 10);
	tell(fixture, 1, NOW + 200, NOW + 20);
	fixture_reopen(fixture);
	assert_int_equal(told(fixture, 0), NOW + 10);
	assert_int_equal(told(fixture, 1), NOW + 20);
}

static void forgets_what_has_ended(void **state)
{
	struct fixture *fixture = *state;

	tell(fixture, 0, NOW + 100, NOW);
	tell(fixture, 1, NOW + 200, NOW + 100);
	assert_int_equal(told(fixture, 0), NOW);
	tell(fixture, 1, NOW + 200, NOW + 101);
	assert_int_equal(told(fixture, 0), 0);
	assert_int_equal(told(fixture, 1), NOW + 101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(remembers_the_last_of_each, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(forgets_what_has_ended, fixture_make, fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
