/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/bytes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void grows_and_keeps(void **state)
{
	_cleanup_(buffer_done) struct buffer b = {0};
	_cleanup_(bytes_done) struct bytes out = {0};

	(void)state;
	for (unsigned i = 0; i < 70000; i++)
		buffer_append_byte(&b, (uint8_t)(i * 7));
	assert_int_equal(buffer_take(&b, &out), 0);
	assert_int_equal(out.size, 70000);
	for (unsigned i = 0; i < 70000; i++)
		if (out.data[i] != (uint8_t)(i * 7))
			fail_msg("byte %u", i);
	assert_null(b.data);
}

static void prints(void **state)
{
	_cleanup_(buffer_done) struct buffer b = {0};
	_cleanup_(freep) char *text = NULL;
	char long_text[1000];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[999] = 0;
	buffer_append_text(&b, "a");
	buffer_printf(&b, "-%d-%s", 5, "b");
	buffer_printf(&b, "%s", long_text);
	buffer_append(&b, SPAN_LITERAL("!"));
	assert_int_equal(buffer_take_text(&b, &text), 0);
	assert_int_equal(strlen(text), 6 + 999);
	assert_memory_equal(text, "a-5-bxxx", 8);
	assert_int_equal(text[1004], '!');
}

static void nothing_is_taken_as_nothing(void **state)
{
	_cleanup_(bytes_done) struct bytes out = {0};
	_cleanup_(freep) char *text = NULL;
	struct buffer b = {0};

	(void)state;
	assert_int_equal(buffer_take(&b, &out), 0);
	assert_int_equal(out.size, 0);
	assert_int_equal(buffer_take_text(&b, &text), 0);
	assert_string_equal(text, "");
}

static void first_error_sticks(void **state)
{
	struct bytes out = {0};
	struct buffer b = {0};
	char *text = NULL;

	(void)state;
	buffer_append_text(&b, "a");
	b.error = -EOVERFLOW;
	buffer_append_text(&b, "b");
	buffer_printf(&b, "%d", 1);
	assert_int_equal(b.size, 1);
	assert_int_equal(buffer_take(&b, &out), -EOVERFLOW);
	assert_null(out.data);
	assert_null(b.data);
	assert_int_equal(b.error, 0);

	buffer_append(&b, SPAN_LITERAL("a\0b"));
	assert_int_equal(buffer_take_text(&b, &text), -EINVAL);
	assert_null(text);
}

static void too_large_is_no_memory(void **state)
{
	_cleanup_(buffer_done) struct buffer b = {0};
	uint8_t one = 1;

	(void)state;
	buffer_append_byte(&b, 1);
	buffer_append(&b, SPAN(&one, SIZE_MAX - 4));
	assert_int_equal(b.error, -ENOMEM);
	assert_int_equal(b.size, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_keeps),
		cmocka_unit_test(prints),
		cmocka_unit_test(nothing_is_taken_as_nothing),
		cmocka_unit_test(first_error_sticks),
		cmocka_unit_test(too_large_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
