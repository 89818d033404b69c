/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/pattern.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *pattern, *text;
	bool matches;
};

static void globs(void **state)
{
	static const struct row rows[] = {
		{"", "", true},		  {"", "a", false},
		{"a", "", false},	  {"abc", "ABC", true},
		{"abc", "abcd", false},	  {"abcd", "abc", false},
		{"*", "", true},	  {"*", "any thing", true},
		{"a*", "a", true},	  {"a*", "ba", false},
		{"*a", "bana", true},	  {"*a", "banan", false},
		{"a*b*c", "aXbYc", true}, {"a*b*c", "acb", false},
		{"**", "x", true},	  {"*ab", "aab", true},
		{"\\*", "*", true},	  {"\\*", "x", false},
		{"a\\", "a\\", true},	  {"*.example", "a.b.example", true},
		{"r?", "rx", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(
			pattern_glob(span_of_text(rows[i].pattern), span_of_text(rows[i].text)),
			rows[i].matches);
}

/* A NUL is a character like any other: nothing ends there. */
static void globs_look_at_every_byte(void **state)
{
	(void)state;
	assert_false(pattern_glob(SPAN_LITERAL("a"), SPAN_LITERAL("a\0b")));
	assert_false(pattern_glob(SPAN_LITERAL("*.example"), SPAN_LITERAL("a.example\0.evil")));
	assert_true(pattern_glob(SPAN_LITERAL("a*"), SPAN_LITERAL("a\0b")));
}

/* Work grows with the product of both, not faster. */
static void globs_end(void **state)
{
	char glob[200], text[4000];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(glob); i++)
		glob[i] = i % 2 ? 'a' : '*';
	memset(text, 'a', sizeof(text));
	glob[sizeof(glob) - 1] = 'b';
	assert_false(pattern_glob(SPAN(glob, sizeof(glob)), SPAN(text, sizeof(text))));
}

static void names_are_taken_apart(void **state)
{
	struct span rest = SPAN_LITERAL("CN=a\\,b*, o = Example +*");
	struct pattern_attribute attribute;

	(void)state;
	assert_int_equal(pattern_name_next(&rest, &attribute), 0);
	assert_int_equal(attribute.type, OID_COMMON_NAME);
	assert_true(span_equal(attribute.glob, SPAN_LITERAL("a\\,b*")));
	assert_int_equal(pattern_name_next(&rest, &attribute), 0);
	assert_int_equal(attribute.type, OID_ORGANIZATION);
	assert_true(span_equal(attribute.glob, SPAN_LITERAL("Example")));
	assert_int_equal(pattern_name_next(&rest, &attribute), 0);
	assert_true(attribute.any);
	assert_int_equal(pattern_name_next(&rest, &attribute), -ENODATA);
}

static void names_are_right_or_not(void **state)
{
	static const char *const right[] = {
		"CN=*",	     "*",	    "hostname=r*,serialNumber=*",
		"2.5.4.3=x", "E=*@example", "C=DE,O=a=b"};
	static const char *const wrong[] = {"",	     "CN",	  "CN=", "=x", "CN=a,",
					    ",CN=a", "CN=a,,O=b", "X=1", "**"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(right); i++)
		assert_true(pattern_name_is_valid(span_of_text(right[i])));
	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		assert_false(pattern_name_is_valid(span_of_text(wrong[i])));
}

static void dns_names(void **state)
{
	static const struct row rows[] = {
		{"r1.example", "R1.EXAMPLE", true},
		{"r1.example", "r1.example.evil", false},
		{"*.example", "r1.example", true},
		{"*.example", "a.r1.example", false},
		{"*.example", "example", false},
		{"*.example", ".example", false},
		{".example", "r1.example", true},
		{".example", "a.b.example", true},
		{".example", "example", false},
		{".example", "evilexample", false},
		{"**.example", "a.b.example", true},
		{"**.example", "example", false},
		{"r*.b?.example", "r1.b1.example", false},
		{"r-*.b.example", "r-17.b.example", true},
		{"**", "any.thing.at.all", true},
		{"*", "any", true},
		{"*", "any.thing", false},
		{"a.**.z", "a.b.c.z", true},
		{"a.**.z", "a.z", false},
		{"**.**", "a", false},
		{"**.**", "a.b", true},
		/* a wildcard is more than one name */
		{"*.example", "*.example", false},
		{".example", "*.a.example", false},
		{"**", "a.", false},
		{"**", "a..b", false},
		{"**", "", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(pattern_dns_matches(span_of_text(rows[i].pattern),
						     span_of_text(rows[i].text)),
				 rows[i].matches);
}

static void dns_patterns_are_right_or_not(void **state)
{
	static const char *const right[] = {"a", "*.example", ".example", "**.x", "a-b_c.d*e"};
	static const char *const wrong[] = {"",	   ".",	   "a.",    "a..b",	"..a",
					    "a b", "a***", "x**.y", "é.example"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(right); i++)
		assert_true(pattern_dns_is_valid(span_of_text(right[i])));
	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		assert_false(pattern_dns_is_valid(span_of_text(wrong[i])));
}

static void networks(void **state)
{
	static const struct {
		const char *network;
		struct span address;
		bool holds;
	} rows[] = {
		{"192.0.2.0/24", SPAN_LITERAL("\xc0\x00\x02\xff"), true},
		{"192.0.2.0/24", SPAN_LITERAL("\xc0\x00\x03\x00"), false},
		{"192.0.2.128/25", SPAN_LITERAL("\xc0\x00\x02\x7f"), false},
		{"192.0.2.1", SPAN_LITERAL("\xc0\x00\x02\x01"), true},
		{"192.0.2.1", SPAN_LITERAL("\xc0\x00\x02\x02"), false},
		{"0.0.0.0/0", SPAN_LITERAL("\x01\x02\x03\x04"), true},
		{"0.0.0.0/0",
		 SPAN_LITERAL("\x01\x02\x03\x04\x05\x06\x07\x08"
			      "\x01\x02\x03\x04\x05\x06\x07\x08"),
		 false},
		{"2001:db8::/33", SPAN_LITERAL("\x20\x01\x0d\xb8\x7f\0\0\0\0\0\0\0\0\0\0\1"), true},
		{"2001:db8::/33", SPAN_LITERAL("\x20\x01\x0d\xb8\x80\0\0\0\0\0\0\0\0\0\0\1"),
		 false},
		{"::/0", SPAN_LITERAL("\x01\x02\x03\x04"), false},
		{"192.0.2.0/24", SPAN_LITERAL(""), false},
		{"192.0.2.0/24", SPAN_LITERAL("\xc0\x00\x02\x01\xff\xff\xff\x00"), false},
	};
	static const char *const wrong[] = {
		"",	   "x",	      "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/",
		"192.0.2", "::1/127", "::/129",	      "192.0.2.0/-1", "192.0.2.0 /24"};
	struct pattern_network network;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		assert_int_equal(pattern_network_read(span_of_text(rows[i].network), &network), 0);
		assert_int_equal(pattern_network_holds(&network, rows[i].address), rows[i].holds);
	}
	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		assert_int_equal(pattern_network_read(span_of_text(wrong[i]), &network), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs),
		cmocka_unit_test(globs_look_at_every_byte),
		cmocka_unit_test(globs_end),
		cmocka_unit_test(names_are_taken_apart),
		cmocka_unit_test(names_are_right_or_not),
		cmocka_unit_test(dns_names),
		cmocka_unit_test(dns_patterns_are_right_or_not),
		cmocka_unit_test(networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
