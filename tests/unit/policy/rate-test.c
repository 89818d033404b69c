/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW INT64_C(1700000000)

static const struct rate_limit limit = {.most = 3, .every_s = 10};

static void so_many_at_once(void **state)
{
	struct rate rate = {};

	(void)state;
	assert_false(rate_is_over(&limit, &rate, NOW));
	assert_false(rate_count(&limit, &rate, NOW));
	assert_false(rate_count(&limit, &rate, NOW));
	assert_false(rate_is_over(&limit, &rate, NOW));
	assert_true(rate_count(&limit, &rate, NOW));
	assert_true(rate_is_over(&limit, &rate, NOW));
	/* It is the last one once. */
	assert_false(rate_count(&limit, &rate, NOW));
	assert_true(rate_is_over(&limit, &rate, NOW + 9));
	assert_false(rate_is_over(&limit, &rate, NOW + 10));
	assert_true(rate_count(&limit, &rate, NOW + 10));
}

static void one_more_each_so_many_seconds(void **state)
{
	struct rate rate = {};

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)rate_count(&limit, &rate, NOW);
	assert_int_equal(rate_spent(&limit, &rate, NOW + 9), 3);
	assert_int_equal(rate_spent(&limit, &rate, NOW + 29), 1);
	assert_int_equal(rate_spent(&limit, &rate, NOW + 30), 0);
	assert_int_equal(rate_spent(&limit, &rate, INT64_MAX), 0);
	/* The nine seconds that have passed beyond are not lost. */
	assert_true(rate_count(&limit, &rate, NOW + 19));
	assert_true(rate_is_over(&limit, &rate, NOW + 19));
	assert_false(rate_is_over(&limit, &rate, NOW + 20));
}

static void a_clock_that_goes_back_forgives_nothing(void **state)
{
	struct rate rate = {};

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)rate_count(&limit, &rate, NOW);
	assert_true(rate_is_over(&limit, &rate, NOW - 100000));
	assert_true(rate_is_over(&limit, &rate, 0));
}

static void so_many_a_second(void **state)
{
	const int64_t now_ns = NOW * RATE_NS_PER_S;
	int64_t until_ns = 0;

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(rate_take(10, &until_ns, now_ns));
	assert_false(rate_take(10, &until_ns, now_ns));
	assert_false(rate_take(10, &until_ns, now_ns + RATE_NS_PER_S / 10 - 1));
	assert_true(rate_take(10, &until_ns, now_ns + RATE_NS_PER_S / 10));
	assert_false(rate_take(10, &until_ns, now_ns + RATE_NS_PER_S / 10));
	/* What was not used is not saved up beyond two seconds of it. */
	for (int i = 0; i < 20; i++)
		assert_true(rate_take(10, &until_ns, now_ns + 3600 * RATE_NS_PER_S));
	assert_false(rate_take(10, &until_ns, now_ns + 3600 * RATE_NS_PER_S));
}

static void the_slowest_and_the_fastest(void **state)
{
	int64_t slow_ns = 0, fast_ns = 0;

	(void)state;
	assert_true(rate_take(1, &slow_ns, 0));
	assert_true(rate_take(1, &slow_ns, 0));
	assert_false(rate_take(1, &slow_ns, RATE_NS_PER_S - 1));
	for (int i = 0; i < 200000; i++)
		assert_true(rate_take(100000, &fast_ns, 0));
	assert_false(rate_take(100000, &fast_ns, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_once),
		cmocka_unit_test(one_more_each_so_many_seconds),
		cmocka_unit_test(so_many_a_second),
		cmocka_unit_test(the_slowest_and_the_fastest),
		cmocka_unit_test(a_clock_that_goes_back_forgives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
