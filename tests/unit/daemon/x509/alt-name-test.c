/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/alt-name.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define A                                                                                          \
	"\x82\x01"                                                                                 \
	"a"
#define B                                                                                          \
	"\x82\x01"                                                                                 \
	"b"
#define ADDRESS "\x87\x04\x0a\x00\x00\x01"

static const struct span none = SPAN_LITERAL("\x30\x00"), a = SPAN_LITERAL("\x30\x03" A),
			 b = SPAN_LITERAL("\x30\x03" B), both = SPAN_LITERAL("\x30\x06" A B),
			 with_address = SPAN_LITERAL("\x30\x09" A ADDRESS),
			 trailing = SPAN_LITERAL("\x30\x03" A "x"),
			 torn = SPAN_LITERAL("\x30\x03\x82\x05"
					     "a");

static void test_within(void **state)
{
	(void)state;
	assert_true(x509_alt_names_within(none, a));
	assert_true(x509_alt_names_within(a, a));
	assert_true(x509_alt_names_within(a, both));
	assert_true(x509_alt_names_within(b, both));
	assert_true(x509_alt_names_within(a, with_address));
	assert_false(x509_alt_names_within(both, a));
	assert_false(x509_alt_names_within(b, a));
	assert_false(x509_alt_names_within(with_address, both));
	assert_false(x509_alt_names_within(a, none));
}

static void test_malformed_is_never_within(void **state)
{
	(void)state;
	assert_false(x509_alt_names_within(trailing, a));
	assert_false(x509_alt_names_within(a, trailing));
	assert_false(x509_alt_names_within(torn, a));
	assert_false(x509_alt_names_within(a, torn));
	assert_false(x509_alt_names_within((struct span){}, a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_malformed_is_never_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
