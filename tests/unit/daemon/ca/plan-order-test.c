/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/plan-order.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW INT64_C(1000)

static void what_is_due_keeps_the_order_of_the_rows(void **state)
{
	static const struct {
		struct plan_place a, b;
		bool before, after;
	} cases[] = {
		{{NOW + 1, 7}, {NOW + 2, 3}, true, false},
		{{NOW - 9, 7}, {NOW + 1, 3}, true, false},
		{{NOW - 9, 7}, {NOW, 3}, false, false},
		{{NOW - 9, 7}, {NOW - 8, 7}, true, false},
		{{NOW + 5, 7}, {NOW + 5, 7}, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(plan_place_before(cases[i].a, cases[i].b, NOW), cases[i].before);
		assert_int_equal(plan_place_before(cases[i].b, cases[i].a, NOW), cases[i].after);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_keeps_the_order_of_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
