/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/bytes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void equality(void **state)
{
	struct span empty = {0};

	(void)state;
	for (int secretly = 0; secretly < 2; secretly++) {
		bool (*equal)(struct span, struct span) =
			secretly ? span_equal_secretly : span_equal;

		assert_true(equal(SPAN_LITERAL("abc"), SPAN_LITERAL("abc")));
		assert_false(equal(SPAN_LITERAL("abc"), SPAN_LITERAL("abd")));
		assert_false(equal(SPAN_LITERAL("abc"), SPAN_LITERAL("ab")));
		assert_false(equal(SPAN_LITERAL("a\0c"), SPAN_LITERAL("a\0d")));
		assert_true(equal(empty, SPAN_LITERAL("")));
		assert_true(equal(empty, empty));
		assert_false(equal(empty, SPAN_LITERAL("a")));
	}
}

static void order(void **state)
{
	(void)state;
	assert_true(span_compare(SPAN_LITERAL("ab"), SPAN_LITERAL("b")) < 0);
	assert_true(span_compare(SPAN_LITERAL("ab"), SPAN_LITERAL("abc")) < 0);
	assert_true(span_compare(SPAN_LITERAL("abc"), SPAN_LITERAL("ab")) > 0);
	assert_true(span_compare(SPAN_LITERAL("\xff"), SPAN_LITERAL("\x01")) > 0);
	assert_int_equal(span_compare((struct span){0}, SPAN_LITERAL("")), 0);
	assert_true(span_compare((struct span){0}, SPAN_LITERAL("a")) < 0);
}

static void slices_stay_inside(void **state)
{
	struct span s = SPAN_LITERAL("abcdef");

	(void)state;
	assert_true(span_equal(span_slice(s, 2, 3), SPAN_LITERAL("cde")));
	assert_true(span_equal(span_slice(s, 2, SIZE_MAX), SPAN_LITERAL("cdef")));
	assert_int_equal(span_slice(s, 6, 1).size, 0);
	assert_int_equal(span_slice(s, 7, 1).size, 0);
	assert_int_equal(span_slice(s, SIZE_MAX, SIZE_MAX).size, 0);
	assert_int_equal(span_slice((struct span){0}, 0, 5).size, 0);
}

static void copies(void **state)
{
	_cleanup_(bytes_done) struct bytes b = {0};
	_cleanup_(bytes_done) struct bytes none = {0};

	(void)state;
	assert_int_equal(bytes_copy(SPAN_LITERAL("a\0b"), &b), 0);
	assert_true(span_equal(span_of(b), SPAN_LITERAL("a\0b")));
	assert_int_equal(bytes_copy((struct span){0}, &none), 0);
	assert_non_null(none.data);
	assert_int_equal(none.size, 0);
	bytes_done(&b);
	assert_null(b.data);
	assert_int_equal(b.size, 0);
}

static void texts(void **state)
{
	_cleanup_(freep) char *text = NULL;
	char *untouched = NULL;

	(void)state;
	assert_int_equal(span_to_text(SPAN_LITERAL("abc"), &text), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(span_to_text(SPAN_LITERAL("a\0c"), &untouched), -EINVAL);
	assert_null(untouched);
	assert_int_equal(span_of_text(NULL).size, 0);
	assert_int_equal(span_of_text("abc").size, 3);
	freep(&text);
	assert_int_equal(span_to_text((struct span){0}, &text), 0);
	assert_string_equal(text, "");
}

static void wipe_wipes(void **state)
{
	uint8_t data[4] = {1, 2, 3, 4};

	(void)state;
	wipe(data + 1, 2);
	assert_memory_equal(data, "\1\0\0\4", 4);
	wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality),
		cmocka_unit_test(order),
		cmocka_unit_test(slices_stay_inside),
		cmocka_unit_test(copies),
		cmocka_unit_test(texts),
		cmocka_unit_test(wipe_wipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
