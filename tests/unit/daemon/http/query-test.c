/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/query.h"
#include <string.h>

static void check(struct span span, const char *expected)
{
	if (!span_equal(span, span_of_text(expected)))
		fail_msg("\"%.*s\" is not \"%s\"", (int)span.size, (const char *)span.data,
			 expected);
}

static const struct {
	const char *text, *path, *query;
} targets[] = {
	{"/a/b?c=d", "/a/b", "c=d"},
	{"/a/b", "/a/b", ""},
	{"/?", "/", ""},
	{"?a=b", "", "a=b"},
	{"", "", ""},
	{"/a?b?c", "/a", "b?c"},
	{"http://ca.example.org:80/a?b=c", "/a", "b=c"},
	{"HTTP://h/a", "/a", ""},
	{"http://h", "", ""},
	{"http://h?a=b", "", "a=b"},
	{"ftp://h/a", "ftp://h/a", ""},
};

static void targets_are_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(targets); i++) {
		struct target target = target_split(span_of_text(targets[i].text));
		check(target.path, targets[i].path);
		check(target.query, targets[i].query);
	}
}

static void segments(void **state)
{
	(void)state;
	struct span path = SPAN_LITERAL("//scep///ROOT%43A/x/");

	check(target_next_segment(&path), "scep");
	check(target_next_segment(&path), "ROOT%43A");
	check(target_next_segment(&path), "x");
	check(target_next_segment(&path), "");
	check(target_next_segment(&path), "");
}

static const struct {
	const char *query, *name, *value; /* NULL: none */
} parameters[] = {
	{"operation=GetCACert&message=ca", "operation", "GetCACert"},
	{"operation=GetCACert&message=ca", "message", "ca"},
	{"message=MII+/==&operation=PKIOperation", "message", "MII+/=="},
	{"message=MII+/==&operation=PKIOperation", "operation", "PKIOperation"},
	{"operation=a&operation=b", "operation", "a"},
	{"operation", "operation", ""},
	{"operation=", "operation", ""},
	{"Operation=a", "operation", NULL},
	{"xoperation=a&operationx=b", "operation", NULL},
	{"&&=&operation=a", "operation", "a"},
	{"", "operation", NULL},
};

static void parameters_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(parameters); i++) {
		struct span value = SPAN_LITERAL("untouched");
		bool found =
			query_find(span_of_text(parameters[i].query), parameters[i].name, &value);
		assert_int_equal(found, parameters[i].value != NULL);
		check(value, found ? parameters[i].value : "untouched");
	}
}

static const struct {
	const char *text;
	size_t room;
	struct span out; /* without data: refused */
} escapes[] = {
	{"abc", 3, SPAN_LITERAL("abc")},
	{"abc", 2, {0}},
	{"%41%2b%2F%3d", 4, SPAN_LITERAL("A+/=")},
	{"a+b c", 5, SPAN_LITERAL("a+b c")},
	{"%00%ff%0A", 3, SPAN_LITERAL("\0\xff\n")},
	{"%4", 9, {0}},
	{"%", 9, {0}},
	{"%4g", 9, {0}},
	{"%g4", 9, {0}},
	{"%%41", 9, {0}},
	{"%2541", 9, SPAN_LITERAL("%41")},
};

static void escapes_are_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(escapes); i++) {
		uint8_t out[16];
		size_t size = 0;
		bool done =
			query_unescape(span_of_text(escapes[i].text), out, escapes[i].room, &size);
		assert_int_equal(done, escapes[i].out.data != NULL);
		if (done)
			assert_true(span_equal(SPAN(out, size), escapes[i].out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_split),
		cmocka_unit_test(segments),
		cmocka_unit_test(parameters_are_found),
		cmocka_unit_test(escapes_are_decoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
