/* SPDX-License-Identifier: Apache-2.0 */
#include "token/watch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	enum watch_operation operation;
	const char *name;
	int64_t limit_ms;
} limits[] = {
	{WATCH_SIGN, "sign", 10000},
	{WATCH_UNWRAP, "unwrap", 10000},
	{WATCH_MAKE, "make a key", 300000},
	{WATCH_CHANGE, "change a key", 30000},
	{WATCH_LOGIN, "log in", 30000},
	{WATCH_PAD, "have the PIN typed on the token's pad", 150000},
	{WATCH_OPEN, "open the token", 30000},
	{WATCH_LOOK, "look whether the token is there", 30000},
};

static void each_operation_has_its_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(limits); i++) {
		assert_string_equal(watch_name(limits[i].operation), limits[i].name);
		assert_int_equal(watch_limit_ms(limits[i].operation), limits[i].limit_ms);
	}
	watch_scale(5);
	assert_int_equal(watch_limit_ms(WATCH_SIGN), 500);
	assert_int_equal(watch_limit_ms(WATCH_NOTHING), INT64_MAX);
	watch_scale(100);
}

static void the_limit_counts_to_the_millisecond(void **state)
{
	enum watch_operation found = WATCH_NOTHING;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(limits); i++) {
		struct watch watches[3] = {0};

		watch_note(&watches[1], limits[i].operation, 1000);
		assert_false(watch_is_overdue(watches, 3, 1000 + limits[i].limit_ms, &found));
		assert_int_equal(found, WATCH_NOTHING);
		assert_true(watch_is_overdue(watches, 3, 1001 + limits[i].limit_ms, &found));
		assert_int_equal(found, limits[i].operation);
		watch_note(&watches[1], WATCH_NOTHING, 2000);
		assert_false(watch_is_overdue(watches, 3, INT64_MAX, &found));
		found = WATCH_NOTHING;
	}
}

static void a_signature_waits_for_a_key_that_is_being_made(void **state)
{
	struct watch watches[2] = {0};
	enum watch_operation found = WATCH_NOTHING;

	(void)state;
	watch_note(&watches[0], WATCH_SIGN, 0);
	watch_note(&watches[1], WATCH_MAKE, 0);
	assert_false(watch_is_overdue(watches, 2, 300000, &found));
	/* Past its own limit, making excuses nobody, itself included. */
	assert_true(watch_is_overdue(watches, 2, 300001, &found));
	watch_note(&watches[1], WATCH_NOTHING, 20000);
	assert_true(watch_is_overdue(watches, 2, 20000, &found));
	assert_int_equal(found, WATCH_SIGN);
}

/* Two hanging signatures don't excuse each other. */
static void equals_do_not_excuse_each_other(void **state)
{
	struct watch watches[2] = {0};
	enum watch_operation found;

	(void)state;
	watch_note(&watches[0], WATCH_SIGN, 0);
	watch_note(&watches[1], WATCH_UNWRAP, 5000);
	assert_true(watch_is_overdue(watches, 2, 10001, &found));
	assert_int_equal(found, WATCH_SIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_has_its_limit),
		cmocka_unit_test(the_limit_counts_to_the_millisecond),
		cmocka_unit_test(a_signature_waits_for_a_key_that_is_being_made),
		cmocka_unit_test(equals_do_not_excuse_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
