/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/conf/duration.h"

static const struct {
	const char *text;
	const char *unit;
	int result;
	int64_t value_s;
} rows[] = {
	{"0", "s", 0, 0},
	{"90", "s", 0, 90},
	{"90", "h", 0, 324000},
	{"365", "d", 0, 31536000},
	{"5s", "d", 0, 5},
	{"3m", "d", 0, 180},
	{"3min", "d", 0, 180},
	{"168h", "d", 0, 604800},
	{"1w", "h", 0, 604800},
	{"1d 12h", "s", 0, 129600},
	{"1d12h30m", "s", 0, 131400},
	{" 1 d  1 s ", "s", 0, 86401},
	{"0d", "s", 0, 0},
	{"36525d", "s", 0, 3155760000},
	{"36525d 1s", "s", -ERANGE, 0},
	{"36526d", "s", -ERANGE, 0},
	{"99999999999999999999", "s", -ERANGE, 0},
	{"9223372036854775807w", "s", -ERANGE, 0},
	{"", "s", -EINVAL, 0},
	{" ", "s", -EINVAL, 0},
	{"d", "s", -EINVAL, 0},
	{"-1s", "s", -EINVAL, 0},
	{"+1s", "s", -EINVAL, 0},
	{"1.5h", "s", -EINVAL, 0},
	{"1x", "s", -EINVAL, 0},
	{"1S", "s", -EINVAL, 0},
	{"1M", "s", -EINVAL, 0},
	{"1 30m", "s", -EINVAL, 0},
	{"1h 30", "s", -EINVAL, 0},
	{"1h,2m", "s", -EINVAL, 0},
};

static void durations(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		int64_t value_s = 77;
		int r = conf_read_duration(span_of_text(rows[i].text), rows[i].unit, &value_s);

		print_message("\"%s\"\n", rows[i].text);
		assert_int_equal(r, rows[i].result);
		assert_int_equal(value_s, r ? 77 : rows[i].value_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(durations)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
