/* SPDX-License-Identifier: Apache-2.0 */
/* Lines as systemd reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/conf/ini.h"
#include <string.h>

static const struct {
	const char *what;
	struct span file;
	struct {
		enum ini_kind kind;
		unsigned line;
		const char *key;   /* NULL: not looked at */
		const char *value; /* NULL: not looked at */
	} items[4];
} files[] = {
	{"plain",
	 SPAN_LITERAL("[A b]\nc=d\n"),
	 {{INI_SECTION, 1, "A b"}, {INI_ASSIGNMENT, 2, "c", "d"}}},
	{"no line break at the end", SPAN_LITERAL("c=d"), {{INI_ASSIGNMENT, 1, "c", "d"}}},
	{"blanks around",
	 SPAN_LITERAL(" \t[ A ] \n  c \t=  d e \t\n"),
	 {{INI_SECTION, 1, "A"}, {INI_ASSIGNMENT, 2, "c", "d e"}}},
	{"CR LF and a byte order mark",
	 SPAN_LITERAL("\xef\xbb\xbf[A]\r\nc=d\r\n"),
	 {{INI_SECTION, 1, "A"}, {INI_ASSIGNMENT, 2, "c", "d"}}},
	{"comments", SPAN_LITERAL("# x=1\n  ; y=2\n\n\t\nc=d\n"), {{INI_ASSIGNMENT, 5, "c", "d"}}},
	{"none in a line", SPAN_LITERAL("c=d ;e #f\n"), {{INI_ASSIGNMENT, 1, "c", "d ;e #f"}}},
	{"second equals sign",
	 SPAN_LITERAL("c=CN=a,O==\n"),
	 {{INI_ASSIGNMENT, 1, "c", "CN=a,O=="}}},
	{"empty value", SPAN_LITERAL("c=\n"), {{INI_ASSIGNMENT, 1, "c", ""}}},
	{"joined",
	 SPAN_LITERAL("c=a\\\n  b\nd=e\n"),
	 {{INI_ASSIGNMENT, 1, "c", "a   b"}, {INI_ASSIGNMENT, 3, "d", "e"}}},
	{"joined over a comment",
	 SPAN_LITERAL("c=a\\\n# x\\\n;y\nb\nd=e\n"),
	 {{INI_ASSIGNMENT, 1, "c", "a b"}, {INI_ASSIGNMENT, 5, "d", "e"}}},
	{"joined with CR LF", SPAN_LITERAL("c=a\\\r\nb\r\n"), {{INI_ASSIGNMENT, 1, "c", "a b"}}},
	{"comments aren't joined", SPAN_LITERAL("# x\\\nc=d\n"), {{INI_ASSIGNMENT, 2, "c", "d"}}},
	{"two backslashes are two",
	 SPAN_LITERAL("c=a\\\\\nd=e\n"),
	 {{INI_ASSIGNMENT, 1, "c", "a\\\\"}, {INI_ASSIGNMENT, 2, "d", "e"}}},
	{"three go on", SPAN_LITERAL("c=a\\\\\\\nd\n"), {{INI_ASSIGNMENT, 1, "c", "a\\\\ d"}}},
	{"joined to nothing", SPAN_LITERAL("c=a\\\n"), {{INI_ASSIGNMENT, 1, "c", "a"}}},
	{"only a backslash", SPAN_LITERAL("\\\n\nc=d"), {{INI_ASSIGNMENT, 3, "c", "d"}}},
	{"no assignment",
	 SPAN_LITERAL("hello\nc=d\n"),
	 {{INI_MALFORMED, 1}, {INI_ASSIGNMENT, 2, "c", "d"}}},
	{"no name", SPAN_LITERAL("=d\n"), {{INI_MALFORMED, 1}}},
	{"section left open", SPAN_LITERAL("[A\n"), {{INI_MALFORMED, 1}}},
	{"lone bracket", SPAN_LITERAL("[\n"), {{INI_MALFORMED, 1}}},
	{"text after a section", SPAN_LITERAL("[A] b\n"), {{INI_MALFORMED, 1}}},
	{"NUL", SPAN_LITERAL("c=a\0b\nd=e"), {{INI_MALFORMED, 1}, {INI_ASSIGNMENT, 2, "d", "e"}}},
	{"escape character", SPAN_LITERAL("c=\x1b[2J\n"), {{INI_MALFORMED, 1}}},
	{"DEL", SPAN_LITERAL("c=\x7f\n"), {{INI_MALFORMED, 1}}},
	{"tab within", SPAN_LITERAL("c=a\tb\n"), {{INI_ASSIGNMENT, 1, "c", "a\tb"}}},
	{"UTF-8",
	 SPAN_LITERAL("c=\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91\n"),
	 {{INI_ASSIGNMENT, 1, "c", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91"}}},
	{"Latin 1", SPAN_LITERAL("c=\xe4\n"), {{INI_MALFORMED, 1}}},
	{"overlong", SPAN_LITERAL("c=\xc0\xaf\n"), {{INI_MALFORMED, 1}}},
	{"overlong in three", SPAN_LITERAL("c=\xe0\x80\xaf\n"), {{INI_MALFORMED, 1}}},
	{"surrogate", SPAN_LITERAL("c=\xed\xa0\x80\n"), {{INI_MALFORMED, 1}}},
	{"past the last character", SPAN_LITERAL("c=\xf4\x90\x80\x80\n"), {{INI_MALFORMED, 1}}},
	{"cut off", SPAN_LITERAL("c=\xe2\x82"), {{INI_MALFORMED, 1}}},
	{"bad third byte", SPAN_LITERAL("c=\xe2\x82\x28\n"), {{INI_MALFORMED, 1}}},
	{"empty", SPAN_LITERAL(""), {{0}}},
};

static void check_span(struct span span, const char *expected)
{
	if (expected)
		assert_true(span_equal(span, span_of_text(expected)));
}

static void lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		_cleanup_(ini_done) struct ini ini;
		struct ini_item item;

		print_message("%s\n", files[i].what);
		ini_init(&ini, files[i].file);
		for (size_t k = 0; k < ELEMENTS(files[i].items); k++) {
			assert_int_equal(ini_next(&ini, &item), 0);
			assert_int_equal(item.kind, files[i].items[k].kind);
			if (item.kind == INI_END)
				continue;
			assert_int_equal(item.line, files[i].items[k].line);
			check_span(item.key, files[i].items[k].key);
			check_span(item.value, files[i].items[k].value);
		}
	}
}

/* "c=" and @size more bytes, in one line or joined out of two. */
static struct bytes long_line(size_t size, bool joined)
{
	_cleanup_(buffer_done) struct buffer out = {0};
	struct bytes bytes;

	buffer_append_text(&out, "c=");
	for (size_t i = 0; i < size; i++) {
		buffer_append_byte(&out, 'a');
		if (joined && i == size / 2) {
			buffer_append_text(&out, "\\\n");
			i++;
		}
	}
	buffer_append_text(&out, "\nd=e\n");
	assert_int_equal(buffer_take(&out, &bytes), 0);
	return bytes;
}

static void lines_of_64_kib(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool joined = i & 1, too_long = i & 2;
		_cleanup_(bytes_done) struct bytes file =
			long_line(INI_LINE_MAX - 2 + too_long, joined);
		_cleanup_(ini_done) struct ini ini;
		struct ini_item item;

		ini_init(&ini, span_of(file));
		assert_int_equal(ini_next(&ini, &item), 0);
		assert_int_equal(item.kind, too_long ? INI_MALFORMED : INI_ASSIGNMENT);
		assert_int_equal(item.line, 1);
		if (!too_long)
			assert_int_equal(item.value.size, INI_LINE_MAX - 2);
		/* Reading goes on after it, at the right line. */
		assert_int_equal(ini_next(&ini, &item), 0);
		assert_int_equal(item.kind, INI_ASSIGNMENT);
		assert_int_equal(item.line, joined ? 3 : 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(lines_of_64_kib),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
