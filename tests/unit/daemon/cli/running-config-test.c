/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/running-config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	/* One letter a line: S and T open a server or a trustpoint, s and t are of its block. */
	const char *found;
	unsigned ignored;
} rows[] = {
	/* clang-format off */
	{"", "", 0},
	{"hostname x\n", "", 1},
	{"crypto pki server A\n grant auto\n!\nhostname x\n", "Ss", 1},
	{"crypto ca server A\r\n grant auto\r\n lifetime crl 24\r\n", "Sss", 0},
	{"crypto pki server A", "S", 0},
	{"crypto pki server A\n\n grant auto\n\n\n database level names\n", "Sss", 0},
	{"crypto pki server A\ngrant auto\nhostname x\ngrant auto\n", "Ss", 2},
	{"crypto pki server A\n nonsense 1 2\n", "Ss", 0},
	{"crypto pki server A\ncrypto pki server B\n grant auto\n", "SSs", 0},
	{"crypto pki server A grant all\n grant auto\n", "", 2},
	{"cr pk se A\n grant auto\n", "", 2},
	{"crypto pki trustpoint T\n enrollment url http://x\n password 7 00\ncrypto pki server A\n", "TttS", 0},
	{"crypto ca trustpoint T\nenrollment url http://x\nfqdn none\ninterface x\n", "Ttt", 1},
	{"crypto pki certificate chain A\n certificate ca 01\n  30820237 308201A0\n  \tquit\ncrypto pki server A\n grant auto\n", "Ss", 4},
	{"banner motd ^C\ncrypto pki server A\n grant auto\n^C\ncrypto pki server B\n", "S", 4},
	{"banner login #hello#\ncrypto pki server B\n", "S", 1},
	{"banner motd \x03\ncrypto pki server A\n\x03\ncrypto pki server B\n", "S", 3},
	{"banner motd ^C\ncrypto pki server A\n", "", 2},
	/* clang-format on */
};

static void each_row(void **state)
{
	static const char letters[] = {[RUNNING_SERVER] = 's', [RUNNING_TRUSTPOINT] = 't'};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(running_config_done) struct running_config reader = {};
		struct running_line line;
		char found[64] = "";
		size_t n = 0;

		running_config_init(&reader, span_of_text(rows[i].text));
		while (!running_config_next(&reader, &line)) {
			char letter = letters[line.block];

			found[n++] = line.opens ? (char)(letter - 'a' + 'A') : letter;
		}
		assert_string_equal(found, rows[i].found);
		assert_int_equal(reader.n_ignored, rows[i].ignored);
	}
}

static void test_line(void **state)
{
	_cleanup_(running_config_done) struct running_config reader = {};
	struct running_line line;

	(void)state;
	running_config_init(&reader,
			    SPAN_LITERAL("x\ncrypto ca server A\n  issuer-name  CN=a,  O=b \r\n"));
	assert_int_equal(running_config_next(&reader, &line), 0);
	assert_int_equal(line.number, 2);
	assert_int_equal(running_config_next(&reader, &line), 0);
	assert_int_equal(line.number, 3);
	assert_int_equal(line.n_words, 3);
	assert_string_equal(line.words[1], "CN=a,");
	assert_true(span_equal(line.text, SPAN_LITERAL("issuer-name  CN=a,  O=b")));
	assert_int_equal(running_config_next(&reader, &line), RUNNING_END);
}

/* A line of more words than there is room for is cut off, not written past the end. */
static void test_many_words(void **state)
{
	_cleanup_(running_config_done) struct running_config reader = {};
	_cleanup_(buffer_done) struct buffer text = {};
	struct running_line line;

	(void)state;
	buffer_append_text(&text, "crypto pki server A\n");
	for (int i = 0; i < 5000; i++)
		buffer_append_text(&text, " w");
	running_config_init(&reader, span_of_buffer(&text));
	assert_int_equal(running_config_next(&reader, &line), 0);
	assert_int_equal(running_config_next(&reader, &line), 0);
	assert_int_equal(line.n_words, RUNNING_CONFIG_LINE_WORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_many_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
