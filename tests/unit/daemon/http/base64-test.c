/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/base64.h"
#include <string.h>

/* A SEQUENCE whose base64 has a '+', '/' and padding. */
static const uint8_t message[] = {0x30, 0x08, 0xfb, 0xef, 0xbe, 0xff, 0xff, 0xfe, 0x3e, 0x00};

static const struct {
	const char *what, *text;
	int result;
} queries[] = {
	{"raw, as jscep", "MAj7777///4+AA==", 0},
	{"escaped", "MAj7777%2F%2F%2F4%2BAA%3D%3D", 0},
	{"escaped in small letters", "MAj7777%2f%2f%2f4%2bAA%3d%3d", 0},
	{"each byte escaped", "%4d%41%6a%37%37%37%37%2f%2f%2f%34%2b%41%41%3d%3d", 0},
	{"URL-safe, as scepclient", "MAj7777___4-AA==", 0},
	{"both alphabets", "MAj7777/_/4-AA==", 0},
	{"without padding", "MAj7777///4+AA", 0},
	{"half the padding", "MAj7777///4+AA=", 0},
	{"a '+' that became a blank", "MAj7777///4 AA==", 0},
	{"an escaped blank", "MAj7777///4%20AA==", 0},
	{"lines, as IOS and sscep", "MAj7777%0A///4+AA%0A==%0A", 0},
	{"lines with CR", "MAj7777///4+%0D%0AAA==%0D%0A", 0},
	{"nothing", "", BASE64_EMPTY},
	{"line breaks alone", "%0A%0A", BASE64_EMPTY},
	{"other characters", "MAj7!777", BASE64_UNREADABLE},
	{"a broken escape", "MAj7777%2", BASE64_UNREADABLE},
	{"no SEQUENCE", "AAAA", BASE64_UNREADABLE},
	{"a digit too many", "MAj77", BASE64_UNREADABLE},
	{"escaped twice", "MAj7777%252F", BASE64_UNREADABLE},
	{"a NUL", "MAj7%00", BASE64_UNREADABLE},
	{"more after the padding", "MAj7777///4+AA==MAj7", BASE64_UNREADABLE},
};

static void spellings_in_a_query(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(queries); i++) {
		_cleanup_(bytes_done) struct bytes read = {0};

		print_message("%s\n", queries[i].what);
		assert_int_equal(base64_read_query(span_of_text(queries[i].text), &read),
				 queries[i].result);
		if (queries[i].result)
			assert_null(read.data);
		else
			assert_true(span_equal(span_of(read), SPAN_ARRAY(message)));
	}
}

static const struct {
	const char *what;
	struct span body;
	int result;
} bodies[] = {
	{"binary", SPAN_LITERAL("\x30\x08\xfb\xef\xbe\xff\xff\xfe\x3e\x00"), 0},
	{"text, as PAN-OS", SPAN_LITERAL("MAj7777///4+AA=="), 0},
	{"text in lines", SPAN_LITERAL("MAj7777\r\n///4+AA\r\n==\r\n"), 0},
	{"text with blanks", SPAN_LITERAL("  MAj7 777///4+AA==\n"), 0},
	{"text, URL-safe", SPAN_LITERAL("MAj7777___4-AA"), 0},
	{"nothing", SPAN_LITERAL(""), BASE64_EMPTY},
	{"no SEQUENCE", SPAN_LITERAL("\x31\x00"), BASE64_UNREADABLE},
	{"a form", SPAN_LITERAL("message=MAj7"), BASE64_UNREADABLE},
	{"escapes have no place here", SPAN_LITERAL("MAj7777%2F"), BASE64_UNREADABLE},
	{"zeros", SPAN_LITERAL("\0\0\0\0"), BASE64_UNREADABLE},
};

static void bodies_of_a_post(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(bodies); i++) {
		_cleanup_(bytes_done) struct bytes read = {0};

		print_message("%s\n", bodies[i].what);
		assert_int_equal(base64_read_body(bodies[i].body, &read), bodies[i].result);
		if (bodies[i].result)
			assert_null(read.data);
		else
			assert_true(span_equal(span_of(read), SPAN_ARRAY(message)));
	}
}

/* BER of indefinite length comes too, and is clavigerd's to read. */
static void only_the_first_byte_is_looked_at(void **state)
{
	(void)state;
	_cleanup_(bytes_done) struct bytes read = {0};

	assert_int_equal(base64_read_body(SPAN_LITERAL("\x30\x80\0\0garbage"), &read), 0);
	assert_int_equal(read.size, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_in_a_query),
		cmocka_unit_test(bodies_of_a_post),
		cmocka_unit_test(only_the_first_byte_is_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
