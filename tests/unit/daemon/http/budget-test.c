/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/budget.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void what_is_not_left_is_not_given(void **state)
{
	struct budget budget = {.most = 100};

	(void)state;
	assert_true(budget_take(&budget, 0));
	assert_true(budget_take(&budget, 60));
	assert_false(budget_take(&budget, 41));
	assert_false(budget_take(&budget, SIZE_MAX));
	assert_true(budget_take(&budget, 40));
	assert_false(budget_take(&budget, 1));
	assert_true(budget_take(&budget, 0));
	budget_give(&budget, 60);
	assert_true(budget_take(&budget, 60));
	budget_give(&budget, 100);
	assert_int_equal(atomic_load(&budget.taken), 0);
}

#define THREADS 8
#define ROUNDS	20000

static void *take_and_give(void *argument)
{
	struct budget *budget = argument;

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (!budget_take(budget, 40))
			continue;
		assert_true(atomic_load(&budget->taken) <= budget->most);
		budget_give(budget, 40);
	}
	return NULL;
}

static void threads_never_take_more_together(void **state)
{
	struct budget budget = {.most = 100};
	pthread_t threads[THREADS];

	(void)state;
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &budget), 0);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&budget.taken), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_left_is_not_given),
		cmocka_unit_test(threads_never_take_more_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
