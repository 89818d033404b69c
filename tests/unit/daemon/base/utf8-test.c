/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The value of what @s encodes if it is one character by the definition; -1. Written from the other
 * end than the code: decode by the lead byte's ones, then see whether it is the shortest form. */
static long decode(const uint8_t *s, size_t size)
{
	static const long least[] = {0, 0x01, 0x80, 0x800, 0x10000};
	long value = size == 1 ? s[0] : s[0] & (0x7f >> size);

	if (size == 1 ? s[0] >= 0x80 : (s[0] >> (7 - size)) != (0xff >> (7 - size)) - 1)
		return -1;
	for (size_t i = 1; i < size; i++) {
		if (s[i] >> 6 != 2)
			return -1;
		value = value << 6 | (s[i] & 0x3f);
	}
	if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return -1;
	return value;
}

static void all_of_one_to_three_bytes(void **state)
{
	uint32_t found = 0;
	uint8_t s[3];

	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		s[0] = (uint8_t)a;
		assert_int_equal(utf8_is_text(SPAN(s, 1)), decode(s, 1) >= 0);
		for (unsigned b = 0; b < 256; b++) {
			s[1] = (uint8_t)b;
			bool two =
				decode(s, 2) >= 0 || (decode(s, 1) >= 0 && decode(s + 1, 1) >= 0);
			assert_int_equal(utf8_is_text(SPAN(s, 2)), two);
			for (unsigned c = 0; c < 256 && a >= 0xe0; c++) {
				s[2] = (uint8_t)c;
				assert_int_equal(utf8_is_text(SPAN(s, 3)), decode(s, 3) >= 0);
				assert_int_equal(utf8_decode(SPAN(s, 3), &found),
						 decode(s, 3) >= 0 ? 3 : 0);
				assert_true(decode(s, 3) < 0 || (long)found == decode(s, 3));
			}
		}
	}
}

static void edges_of_four_bytes(void **state)
{
	static const uint8_t edge[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
	uint8_t s[4];

	(void)state;
	for (unsigned a = 0xf0; a < 256; a++)
		for (size_t i = 0; i < sizeof(edge) * sizeof(edge) * sizeof(edge); i++) {
			s[0] = (uint8_t)a;
			s[1] = edge[i % sizeof(edge)];
			s[2] = edge[i / sizeof(edge) % sizeof(edge)];
			s[3] = edge[i / sizeof(edge) / sizeof(edge)];
			assert_int_equal(utf8_is_text(SPAN_ARRAY(s)), decode(s, 4) >= 0);
		}
	assert_true(utf8_is_text((struct span){0}));
}

static void a_character_is_read(void **state)
{
	static const struct {
		struct span text;
		size_t size;
		uint32_t character;
	} rows[] = {
		{SPAN_LITERAL("\0x"), 1, 0},
		{SPAN_LITERAL("ab"), 1, 'a'},
		{SPAN_LITERAL("\xc3\xa4z"), 2, 0xe4},
		{SPAN_LITERAL("\xf0\x9f\x94\x91"), 4, 0x1f511},
		{SPAN_LITERAL("\xf0\x9f\x94"), 0, 7},
		{SPAN_LITERAL(""), 0, 7},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		uint32_t found = 7;

		assert_int_equal(utf8_decode(rows[i].text, &found), rows[i].size);
		assert_int_equal(found, rows[i].character);
	}
	assert_false(utf8_is_text(SPAN_LITERAL("a\0b")));
}

static void cutting_keeps_characters_whole(void **state)
{
	struct span text = SPAN_LITERAL("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91z");
	static const size_t fits[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};

	(void)state;
	for (size_t most = 0; most < ELEMENTS(fits); most++)
		assert_int_equal(utf8_fit(text, most), fits[most]);
	assert_int_equal(utf8_fit(text, 1000), text.size);
}

static void mending_touches_what_is_bad(void **state)
{
	char text[] = "ok \xc3\xa4 \xff \xc3 \xed\xa0\x80.";

	(void)state;
	utf8_mend(text, strlen(text));
	assert_string_equal(text, "ok \xc3\xa4 ? ? ???.");
	char cut[] = "a\xe2\x82";
	utf8_mend(cut, strlen(cut));
	assert_string_equal(cut, "a??");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_one_to_three_bytes),
		cmocka_unit_test(edges_of_four_bytes),
		cmocka_unit_test(a_character_is_read),
		cmocka_unit_test(cutting_keeps_characters_whole),
		cmocka_unit_test(mending_touches_what_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
