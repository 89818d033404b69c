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

/* The fixture's servers have keys of their own. */
static void a_key_tells_what_its_servers_took(void **state)
{
	struct fixture *fixture = *state;
	struct store_change change = {.server = LABEL, .now_s = NOW, .delete_server = true};
	_cleanup_(freep) char *label = NULL, *gone = NULL, *none = NULL;
	struct ca_generation_record *generations = NULL;
	uint8_t key[SHA256_SIZE], other[SHA256_SIZE] = {0};
	uint64_t next = 7;
	size_t n = 0;

	assert_int_equal(store_generations_load(fixture->store, LABEL, &generations, &n), 0);
	assert_int_equal(n, 1);
	memcpy(key, generations[0].key_sha256, sizeof(key));
	ca_generation_records_free(generations, n);
	reserve(fixture->store, 64);
	assert_int_equal(store_serials_of_key(fixture->store, SPAN_ARRAY(key), &next, &label), 0);
	assert_int_equal(next, 66);
	assert_string_equal(label, LABEL);
	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(store_serials_of_key(fixture->store, SPAN_ARRAY(key), &next, &gone), 0);
	assert_int_equal(next, 66);
	assert_null(gone);
	memset(other, 0xee, sizeof(other));
	assert_int_equal(store_serials_of_key(fixture->store, SPAN_ARRAY(other), &next, &none), 0);
	assert_int_equal(next, 0);
	assert_null(none);
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
		cmocka_unit_test_setup_teardown(a_key_tells_what_its_servers_took, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(no_counter_is_given_twice, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
