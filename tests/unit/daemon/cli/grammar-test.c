/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/grammar.h"
#include "tests/unit/daemon/cli/words.h"

#define KEY                                                                                        \
	"crypto key generate rsa [general-keys|usage-keys] [label L] [exportable] [modulus N] "    \
	"[on DEVICE]"
#define KEY_MADE                                                                                   \
	"make {L} exportable?--exportable exportable!--kept --bits={N} --on={DEVICE} "             \
	"usage-keys?--two"

static const struct {
	const char *pattern;
	const char *words;
	const char *template;
	const char *made; /* NULL: no match */
} rows[] = {
	/* clang-format off */
	{"grant ID", "grant 7", "g {ID}", "g 7"},
	{"grant ID", "grant all", "g {ID}", "g all"},
	{"grant ID", "grant al", "g {ID}", NULL},
	{"grant ID", "grant 7x", "g {ID}", NULL},
	{"grant ID", "grant", "g {ID}", NULL},
	{"grant ID", "grant 7 8", "g {ID}", NULL},
	{"grant ID", "gr 7", "g {ID}", "g 7"},
	{"grant ID", "g 7", "g {ID}", NULL},
	{"grant ID", "grants 7", "g {ID}", NULL},
	{"crypto pki x", "crypto ca x", "y", "y"},
	{"crypto pki x", "cr pk x", "y", "y"},
	{"issuer-name DN…", "issuer-name CN=a, O=b", "{DN}", "CN=a, O=b"},
	{"issuer-name DN…", "issuer-name", "{DN}", NULL},
	{"a [b C] [d]", "a", "x {C} d?--d", "x"},
	{"a [b C] [d]", "a d b 1", "x {C} d?--d", "x 1 --d"},
	{"a [b C] [d]", "a b d d", "x {C} d?--d", "x d --d"},
	{"a [b C] [d]", "a d d", "x {C} d?--d", NULL},
	{"a [b C] [d]", "a b", "x {C} d?--d", NULL},
	{"a [D] [H] [M]", "a 0 0 10", "{D}d {H}h {M}m", "0d 0h 10m"},
	{"a [D] [H] [M]", "a 90", "{D}d {H}h {M}m", "90d"},
	{KEY, "crypto key generate rsa", KEY_MADE, "make --kept"},
	{KEY, "crypto key generate rsa on usbtoken0: label ms2 modulus 2048", KEY_MADE,
	 "make ms2 --kept --bits=2048 --on=usbtoken0"},
	{KEY, "crypto key generate rsa usage-keys exportable on usbtoken0", KEY_MADE,
	 "make --exportable --on=usbtoken0 --two"},
	{KEY, "crypto key generate rsa label", KEY_MADE, NULL},
	{KEY, "crypto key generate rsa label a label b", KEY_MADE, NULL},
	/* clang-format on */
};

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(buffer_done) struct buffer out = {};
		struct grammar_match match;
		struct words words;
		int made;

		words_split(rows[i].words, &words);
		if (!rows[i].made) {
			assert_false(grammar_matches(rows[i].pattern, words.at, words.n, &match));
			continue;
		}
		assert_true(grammar_matches(rows[i].pattern, words.at, words.n, &match));
		assert_int_equal(grammar_expand(rows[i].template, &match, words.at, &out, &made),
				 0);
		for (size_t j = 0; j + 1 < out.size; j++)
			if (!out.data[j])
				out.data[j] = ' ';
		assert_string_equal(out.data, rows[i].made);
	}
}

/* Words in full go before shortened ones, and those before arguments. */
static void test_score(void **state)
{
	char *full[] = {"request", "terminal"}, *shortened[] = {"request", "term"};
	struct grammar_match a, b;

	(void)state;
	assert_true(grammar_matches("request terminal", full, 2, &a));
	assert_true(grammar_matches("request terminal", shortened, 2, &b));
	assert_true(a.score > b.score);
	assert_true(grammar_matches("request URL", shortened, 2, &a));
	assert_true(b.score > a.score);
	assert_false(grammar_matches("request terminal pem", full, 2, &a));
	assert_int_equal(a.reached, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row),
					   cmocka_unit_test(test_score)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
