/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/store/fixture.h"
#include <pthread.h>

static uint64_t reserve(struct store *store, unsigned n)
{
	uint64_t first = 0;

	assert_int_equal(store_serials_reserve(store, LABEL, n, &first), 0);
	return first;
}

static void blocks_follow_each_other_and_survive(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first = 7;

	assert_int_equal(reserve(fixture->store, 64), 2);
	assert_int_equal(reserve(fixture->store, 64), 66);
	fixture_reopen(fixture);
	assert_int_equal(reserve(fixture->store, 1), 130);
	assert_int_equal(reserve(fixture->store, 64), 131);
	assert_int_equal(store_serials_reserve(fixture->store, "absent", 64, &first),
			 STORE_NOT_FOUND);
	assert_int_equal(first, 7);
}

static void only_the_end_of_the_newest_block_comes_back(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first = reserve(fixture->store, 64);
	uint64_t second = reserve(fixture->store, 64);

	assert_int_equal(store_serials_return(fixture->store, LABEL, first + 10, first + 64), 0);
	assert_int_equal(reserve(fixture->store, 64), second + 64);
	assert_int_equal(store_serials_return(fixture->store, LABEL, second + 70, second + 128), 0);
	assert_int_equal(reserve(fixture->store, 64), second + 70);
}

static void servers_count_apart(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first;

	make_server(fixture->store, "other");
	assert_int_equal(reserve(fixture->store, 64), 2);
	assert_int_equal(store_serials_reserve(fixture->store, "other", 64, &first), 0);
	assert_int_equal(first, 2);
}

#define THREADS 8
#define BLOCKS	20

struct taker {
	pthread_t thread;
	struct store *store;
	uint64_t firsts[BLOCKS];
	int failures;
};

static void *take(void *argument)
{
	struct taker *taker = argument;

	for (unsigned i = 0; i < BLOCKS; i++)
		taker->failures +=
			store_serials_reserve(taker->store, LABEL, 3, &taker->firsts[i]) != 0;
	return NULL;
}

static void no_counter_is_given_twice(void **state)
{
	struct fixture *fixture = *state;
	struct taker takers[THREADS] = {};
	bool seen[2 + THREADS * BLOCKS * 3] = {};

	for (unsigned i = 0; i < THREADS; i++) {
		takers[i].store = fixture->store;
		assert_int_equal(pthread_create(&takers[i].thread, NULL, take, &takers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(takers[i].thread, NULL);
		assert_int_equal(takers[i].failures, 0);
		for (unsigned k = 0; k < BLOCKS * 3; k++) {
			uint64_t counter = takers[i].firsts[k / 3] + k % 3;

			assert_in_range(counter, 2, ELEMENTS(seen) - 1);
			assert_false(seen[counter]);
			seen[counter] = true;
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(blocks_follow_each_other_and_survive, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(only_the_end_of_the_newest_block_comes_back,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(servers_count_apart, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(no_counter_is_given_twice, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
