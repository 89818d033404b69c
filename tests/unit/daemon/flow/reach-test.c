/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/reach.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW INT64_C(1700000000)

static void the_same_message_goes_out_once_at_a_time(void **state)
{
	struct reach *reach;
	struct flight first, again, other;

	(void)state;
	assert_int_equal(reach_new(&reach), 0);
	assert_true(reach_depart(reach, &first, SPAN_LITERAL("message")));
	assert_false(reach_depart(reach, &again, SPAN_LITERAL("message")));
	assert_true(reach_depart(reach, &other, SPAN_LITERAL("messagE")));
	/* The later one between does not keep the first. */
	reach_arrive(reach, &first);
	assert_true(reach_depart(reach, &again, SPAN_LITERAL("message")));
	assert_false(reach_depart(reach, &first, SPAN_LITERAL("messagE")));
	reach_arrive(reach, &other);
	reach_arrive(reach, &again);
	reach_free(reach);
}

static void trouble_is_news_when_it_begins_and_ends(void **state)
{
	char told[REACH_TROUBLE_SIZE];
	struct reach *reach;

	(void)state;
	assert_int_equal(reach_new(&reach), 0);
	assert_false(reach_tell(reach, told));
	assert_false(reach_note(reach, NULL));
	assert_true(reach_note(reach, "away"));
	assert_false(reach_note(reach, "still away"));
	assert_true(reach_tell(reach, told));
	assert_string_equal(told, "still away");
	assert_true(reach_note(reach, NULL));
	assert_false(reach_tell(reach, told));
	assert_true(reach_note(reach, "away"));
	reach_forget(reach);
	assert_false(reach_tell(reach, told));
	reach_free(reach);
}

static void it_is_looked_at_when_the_time_comes_or_the_configuration_is_another(void **state)
{
	const struct reach_look first = {1, NOW}, soon = {1, NOW + 299}, then = {1, NOW + 300},
				other = {2, NOW + 1}, back = {1, NOW - 1};
	struct reach *reach;
	int64_t next_s;

	(void)state;
	assert_int_equal(reach_new(&reach), 0);
	assert_true(reach_is_due(reach, &first, &next_s));
	reach_looked(reach, &first, NOW + 300);
	assert_false(reach_is_due(reach, &soon, &next_s));
	assert_int_equal(next_s, NOW + 300);
	assert_true(reach_is_due(reach, &then, &next_s));
	assert_true(reach_is_due(reach, &other, &next_s));
	assert_true(reach_is_due(reach, &back, &next_s));
	reach_forget(reach);
	assert_true(reach_is_due(reach, &soon, &next_s));
	reach_free(reach);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_message_goes_out_once_at_a_time),
		cmocka_unit_test(trouble_is_news_when_it_begins_and_ends),
		cmocka_unit_test(
			it_is_looked_at_when_the_time_comes_or_the_configuration_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
