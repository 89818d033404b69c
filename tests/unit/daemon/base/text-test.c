/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void hex(void **state)
{
	_cleanup_(buffer_done) struct buffer out = {0};
	_cleanup_(bytes_done) struct bytes back = {0};
	_cleanup_(bytes_done) struct bytes none = {0};

	(void)state;
	text_append_hex(&out, SPAN_LITERAL("\x00\x9a\xff"), true);
	text_append_hex(&out, SPAN_LITERAL("\x0b\xcd"), false);
	assert_true(span_equal(span_of_buffer(&out), SPAN_LITERAL("009AFF0bcd")));
	assert_int_equal(text_read_hex(span_of_buffer(&out), &back), 0);
	assert_true(span_equal(span_of(back), SPAN_LITERAL("\x00\x9a\xff\x0b\xcd")));
	assert_int_equal(text_read_hex((struct span){0}, &none), 0);
	assert_int_equal(none.size, 0);
}

static void no_hex(void **state)
{
	static const struct span bad[] = {
		SPAN_LITERAL("0"),
		SPAN_LITERAL("0g"),
		SPAN_LITERAL("0x12"),
		SPAN_LITERAL(" 1"),
		SPAN_LITERAL("1 2"),
		SPAN_LITERAL("\x10"
			     "0"),
		SPAN_LITERAL("@0"),
		SPAN_LITERAL("0`"),
		SPAN_LITERAL("\0\0"),
	};
	struct bytes out = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++)
		assert_int_equal(text_read_hex(bad[i], &out), -EINVAL);
	assert_null(out.data);
}

struct number_row {
	const char *text;
	int64_t min, max;
	int r;
	int64_t value;
};

static void numbers(void **state)
{
	static const struct number_row rows[] = {
		{"0", 0, 10, 0, 0},
		{"10", 0, 10, 0, 10},
		{"11", 0, 10, -ERANGE, 0},
		{"-1", 0, 10, -ERANGE, 0},
		{"-5", -5, 10, 0, -5},
		{"-6", -5, 10, -ERANGE, 0},
		{"007", 0, 10, 0, 7},
		{"9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX},
		{"9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0},
		{"-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN},
		{"-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE, 0},
		{"99999999999999999999999999", INT64_MIN, INT64_MAX, -ERANGE, 0},
		{"99999999999999999999999999x", INT64_MIN, INT64_MAX, -EINVAL, 0},
		{"", 0, 10, -EINVAL, 0},
		{"-", -10, 10, -EINVAL, 0},
		{"--1", -10, 10, -EINVAL, 0},
		{"+1", 0, 10, -EINVAL, 0},
		{" 1", 0, 10, -EINVAL, 0},
		{"1 ", 0, 10, -EINVAL, 0},
		{"0x1", 0, 10, -EINVAL, 0},
		{"1.0", 0, 10, -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		int64_t value = 0;

		if (text_read_number(span_of_text(rows[i].text), rows[i].min, rows[i].max,
				     &value) != rows[i].r ||
		    value != rows[i].value)
			fail_msg("\"%s\"", rows[i].text);
	}
}

static void times(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(text_format_time(0, text), "1970-01-01T00:00:00Z");
	assert_string_equal(text_format_time(1507464856, text), "2017-10-08T12:14:16Z");
	assert_string_equal(text_format_time(253402300799, text), "9999-12-31T23:59:59Z");
	assert_string_equal(text_format_time(-1, text), "1969-12-31T23:59:59Z");
	assert_string_equal(text_format_time(INT64_MAX, text), "9223372036854775807s");
}

static void graphic(void **state)
{
	(void)state;
	assert_true(text_is_graphic(SPAN_LITERAL("!http://[::1]/~")));
	assert_true(text_is_graphic(SPAN_LITERAL("")));
	assert_false(text_is_graphic(SPAN_LITERAL("a b")));
	assert_false(text_is_graphic(SPAN_LITERAL("a\0")));
	assert_false(text_is_graphic(SPAN_LITERAL("a\x7f")));
	assert_false(text_is_graphic(SPAN_LITERAL("\xc3\xa4")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex),	 cmocka_unit_test(no_hex),  cmocka_unit_test(numbers),
		cmocka_unit_test(times), cmocka_unit_test(graphic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
