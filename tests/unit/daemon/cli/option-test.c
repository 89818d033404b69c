/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/option.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int read_words(char **words, struct invocation *ret)
{
	int n = 0;

	while (words[n])
		n++;
	return option_read(n, words, ret);
}

static void test_read(void **state)
{
	char *words[] = {"claviger", "certificate", "--reason=superseded", "revoke", "-c", "/x",
			 "-jy",	     NULL};
	struct invocation invocation = {.config = "/default"};

	(void)state;
	assert_int_equal(read_words(words, &invocation), 5);
	assert_string_equal(words[5], "certificate");
	assert_string_equal(invocation.reason, "superseded");
	assert_string_equal(invocation.config, "/x");
	assert_true(invocation.json && invocation.yes);
	assert_false(invocation.help || invocation.version);
	assert_null(invocation.subject);
}

static void test_defaults_stay(void **state)
{
	char *words[] = {"claviger", "timers", "-", "--", "--json", NULL};
	struct invocation invocation = {.config = "/default"};

	(void)state;
	assert_int_equal(read_words(words, &invocation), 2);
	assert_string_equal(words[2], "timers");
	assert_string_equal(invocation.config, "/default");
	assert_false(invocation.json);
}

/* Of two rows of one name only the first would ever be given. */
static void test_names_are_unique(void **state)
{
	const struct option_row *one, *other;

	(void)state;
	for (size_t i = 0; (one = option_at(i)); i++)
		for (size_t j = i + 1; (other = option_at(j)); j++)
			assert_string_not_equal(one->name, other->name);
}

static void test_wrong(void **state)
{
	char *rows[][3] = {{"claviger", "--reasons"},
			   {"claviger", "--reason"},
			   {"claviger", "-x"},
			   {"claviger", "--yes=no"},
			   {"claviger", "-c"}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct invocation invocation = {};

		assert_int_equal(read_words(rows[i], &invocation), -EINVAL);
	}
}

static void test_not_taken(void **state)
{
	const struct invocation general = {.config = "/x", .json = true, .yes = true};
	const struct invocation reason = {.config = "/x", .reason = "superseded"};

	(void)state;
	assert_null(option_not_taken(&general, "server show"));
	assert_null(option_not_taken(&reason, "certificate revoke"));
	assert_string_equal(option_not_taken(&reason, "certificate"), "reason");
	assert_string_equal(option_not_taken(&reason, "certificate revoke all"), "reason");
	assert_string_equal(option_not_taken(&reason, "server show"), "reason");
}

/* Each command that a row names is one. */
static void test_rows(void **state)
{
	const struct option_row *option;

	(void)state;
	for (size_t i = 0; (option = option_at(i)); i++) {
		const struct command *command;
		size_t named = 1, found = 0;

		assert_true(*option->help != 0);
		if (option_is_general(option))
			continue;
		for (const char *at = option->commands; *at; at++)
			named += *at == '|';
		for (size_t j = 0; (command = command_at(j)); j++)
			found += option_is_for(option, command->words);
		assert_int_equal(found, named);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_defaults_stay),
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_not_taken),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
