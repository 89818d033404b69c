/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/command.h"
#include "tests/unit/daemon/cli/words.h"

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

/* Every row is whole: what a command needs to be done is there, and its words find it again. */
static void test_rows(void **state)
{
	const struct command *command;

	(void)state;
	for (size_t i = 0; (command = command_at(i)); i++) {
		struct words words;
		int used;

		words_split(command->words, &words);
		assert_ptr_equal(command_find(words.at, words.n, &used), command);
		assert_int_equal(used, words.n);
		assert_true(command->least <= command->most);
		assert_true(*command->help != 0);
		assert_true(command->run ? !command->parameters && !command->print
					 : command->parameters && command->print);
	}
}

static void test_roles(void **state)
{
	char *revoke[] = {"certificate", "revoke"}, *init[] = {"token", "init"};
	int used;

	(void)state;
	assert_int_equal(command_role(command_find(revoke, 2, &used)), CONTROL_ROLE_OPERATOR);
	assert_int_equal(command_role(command_find(init, 2, &used)), CONTROL_ROLE_ADMIN);
}

/* An option for a command that doesn't take it would be given in vain. */
static void test_stray_option(void **state)
{
	struct invocation invocation = {.config = "/nonexistent", .reason = "keyCompromise"};
	char *words[] = {"server", "show", "CA"};
	int used;
	const struct command *command = command_find(words, 3, &used);

	(void)state;
	invocation.arguments = words + used;
	invocation.n_arguments = 1;
	assert_int_equal(command_run(command, &invocation), COMMAND_MISUSE);
	invocation.reason = NULL;
	assert_int_equal(command_run(command, &invocation), COMMAND_FAILED);
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
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_stray_option),
		cmocka_unit_test(test_too_few_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
