/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/log-repeats.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS INT64_C(5000000)
#define MINUTE INT64_C(60000)

static struct log_repeats *repeats;

static int begin(void **state)
{
	(void)state;
	return log_repeats_new(&repeats);
}

static int end(void **state)
{
	(void)state;
	repeats = log_repeats_free(repeats);
	return 0;
}

static struct log_repeat one_of(uint32_t uid, int kind, const char *what)
{
	struct log_repeat told = {.uid = uid, .kind = kind};

	snprintf(told.what, sizeof(told.what), "%s", what);
	snprintf(told.why, sizeof(told.why), "reason %d", kind);
	return told;
}

static struct log_repeat named(struct log_repeat told, const char *who)
{
	snprintf(told.who, sizeof(told.who), "%s", who);
	return told;
}

static bool tells(struct log_repeat told, int64_t now_ms, unsigned before)
{
	struct log_repeat earlier;
	bool is_told = log_repeats_tells(repeats, &told, now_ms, &earlier);

	assert_int_equal(earlier.more, before);
	return is_told;
}

static void told_once_a_minute(void **state)
{
	struct log_repeat told;

	(void)state;
	assert_true(tells(one_of(33, 1, "web"), NOW_MS, 0));
	assert_false(tells(one_of(33, 1, "web"), NOW_MS + 1, 0));
	assert_false(tells(one_of(33, 1, "web"), NOW_MS + MINUTE - 1, 0));
	/* Another user, kind or thing is another. */
	assert_true(tells(one_of(34, 1, "web"), NOW_MS, 0));
	assert_true(tells(one_of(33, 2, "web"), NOW_MS, 0));
	assert_true(tells(one_of(33, 1, "mail"), NOW_MS, 0));
	assert_true(tells(named(one_of(33, 1, "web"), "root"), NOW_MS, 0));
	assert_true(tells(one_of(33, 1, "web"), NOW_MS + MINUTE, 2));
	assert_false(tells(one_of(33, 1, "web"), NOW_MS + MINUTE + 1, 0));
	/* Those that do not come again are told of once their minute is over. */
	assert_false(log_repeats_next(repeats, NOW_MS + 2 * MINUTE - 1, &told));
	assert_true(log_repeats_next(repeats, NOW_MS + 2 * MINUTE, &told));
	assert_int_equal(told.more, 1);
	assert_string_equal(told.why, "reason 1");
	assert_false(log_repeats_next(repeats, NOW_MS + 9 * MINUTE, &told));
}

static void nothing_is_kept_back_of_too_many(void **state)
{
	unsigned told = 0, more = 0;

	(void)state;
	for (uint32_t uid = 0; uid < 1000; uid++)
		for (int again = 0; again < 3; again++) {
			struct log_repeat one = one_of(uid, 1, "web"), before, next;

			one.uid = uid;
			told += log_repeats_tells(repeats, &one, NOW_MS + uid, &before);
			more += before.more;
			if (uid == 999 && again == 2)
				while (log_repeats_next(repeats, NOW_MS + 2 * MINUTE, &next))
					more += next.more;
		}
	assert_int_equal(told, 1000);
	assert_int_equal(more, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(told_once_a_minute, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_kept_back_of_too_many, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
