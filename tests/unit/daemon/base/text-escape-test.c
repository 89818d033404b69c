/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct escape_row {
	struct span text;
	const char *escaped;
};

static const struct escape_row rows[] = {
	{SPAN_LITERAL(""), ""},
	{SPAN_LITERAL("CN=Ä ≤ 𝛑~"), "CN=Ä ≤ 𝛑~"},
	{SPAN_LITERAL("a\nb\tc\x1b[2J\x7f"), "a\\x0ab\\x09c\\x1b[2J\\x7f"},
	{SPAN_LITERAL("\0"), "\\x00"},
	{SPAN_LITERAL("\"'\\"), "\\x22\\x27\\x5c"},
	{SPAN_LITERAL("\xc2\x9b"), "\\xc2\\x9b"},	     /* CSI in one character */
	{SPAN_LITERAL("\xe2\x80\xae"), "\\xe2\\x80\\xae"},   /* turns the line */
	{SPAN_LITERAL("\xe2\x81\xa6x"), "\\xe2\\x81\\xa6x"}, /* the same, isolated */
	{SPAN_LITERAL("\xc0\xaf"), "\\xc0\\xaf"},	     /* overlong */
	{SPAN_LITERAL("\xe0\x80\xaf"), "\\xe0\\x80\\xaf"},
	{SPAN_LITERAL("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf"},
	{SPAN_LITERAL("\xed\xa0\x80"), "\\xed\\xa0\\x80"},	    /* a surrogate */
	{SPAN_LITERAL("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"}, /* past U+10FFFF */
	{SPAN_LITERAL("\xff"), "\\xff"},
	{SPAN_LITERAL("x\xc3"), "x\\xc3"}, /* cut off */
	{SPAN_LITERAL("\xe2\x82"), "\\xe2\\x82"},
	{SPAN_LITERAL("\xc3(\xc3\xa4"), "\\xc3(ä"},
};

static void known_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes exact = {0};
		_cleanup_(freep) char *text = NULL;
		struct buffer out = {0};

		/* a copy of exactly this size, so that a step too far is seen */
		assert_int_equal(bytes_copy(rows[i].text, &exact), 0);
		text_append_escaped(&out, span_of(exact));
		assert_int_equal(buffer_take_text(&out, &text), 0);
		assert_string_equal(text, rows[i].escaped);
	}
}

static void single_steps(void **state)
{
	struct span text = SPAN_LITERAL("a\xe2\x89\xa4\x01");
	char piece[5];

	(void)state;
	text_escape_next(&text, piece);
	assert_string_equal(piece, "a");
	text_escape_next(&text, piece);
	assert_string_equal(piece, "≤");
	text_escape_next(&text, piece);
	assert_string_equal(piece, "\\x01");
	assert_int_equal(text.size, 0);
}

/* Whatever comes in, what goes out has no control character and no quote. */
static void noise_is_made_safe(void **state)
{
	(void)state;
	srandom(6);
	for (unsigned round = 0; round < 5000; round++) {
		_cleanup_(bytes_done) struct bytes in = {0};
		_cleanup_(buffer_done) struct buffer out = {0};

		assert_int_equal(bytes_new((size_t)random() % 20, &in), 0);
		for (size_t i = 0; i < in.size; i++)
			in.data[i] = (uint8_t)(random() % 3 ? random() : random() | 0xc0);
		text_append_escaped(&out, span_of(in));
		for (size_t i = 0; i < out.size; i++)
			assert_true(out.data[i] >= 0x20 && !strchr("\x7f\"'", out.data[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts),
		cmocka_unit_test(single_steps),
		cmocka_unit_test(noise_is_made_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
