/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/command.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	char *words[4];
	int n;
	const char *found; /* NULL: none */
	int used;
} rows[] = {
	{{"server", "create", "ROOTCA"}, 3, "server create", 2},
	{{"timers"}, 1, "timers", 1},
	{{"log", "debug"}, 2, "log", 1},
	{{"server"}, 1, NULL, 0},
	{{"server", "createx"}, 2, NULL, 0},
	{{"serve", "create"}, 2, NULL, 0},
	{{"server create"}, 1, NULL, 0},
	{{""}, 1, NULL, 0},
	{{NULL}, 0, NULL, 0},
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		int used = -1;
		const struct command *command =
			command_find((char **)rows[i].words, rows[i].n, &used);

		if (!rows[i].found) {
			assert_null(command);
			continue;
		}
		assert_non_null(command);
		assert_string_equal(command->words, rows[i].found);
		assert_int_equal(used, rows[i].used);
	}
}

static void test_too_few_arguments(void **state)
{
	struct invocation invocation = {.config = "/nonexistent", .yes = true};
	char *words[] = {"request", "grant"};
	int used;

	(void)state;
	assert_int_equal(command_run(command_find(words, 2, &used), &invocation), COMMAND_MISUSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_too_few_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
