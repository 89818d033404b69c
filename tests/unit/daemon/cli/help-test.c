/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/help.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *all_lines(char **words, int n, int status)
{
	static char text[65536];
	FILE *to = fmemopen(text, sizeof(text), "w");

	assert_non_null(to);
	assert_int_equal(help_print_commands(words, n, to), status);
	fclose(to);
	return text;
}

static void test_commands(void **state)
{
	char *certificate[] = {"certificate"}, *wrong[] = {"certificates"};

	(void)state;
	assert_non_null(
		strstr(all_lines(certificate, 1, 0), "certificate revoke      SERVER SERIAL"));
	assert_null(strstr(all_lines(certificate, 1, 0), "server show"));
	assert_non_null(strstr(all_lines(NULL, 0, 0), "  server show "));
	all_lines(wrong, 1, -ENOENT);
}

static void test_command(void **state)
{
	char *words[] = {"password", "generate"};
	char text[4096];
	FILE *to = fmemopen(text, sizeof(text), "w");
	int used;

	(void)state;
	help_print_command(command_find(words, 2, &used), to);
	fclose(to);
	assert_non_null(
		strstr(text, "claviger password generate SERVER [MINUTES] [--for SUBJECT]\n"));
	assert_non_null(strstr(text, "  --for SUBJECT       the only subject"));
	assert_non_null(strstr(text, "claviger-operator"));
	assert_null(strstr(text, "--reason"));
	assert_null(strstr(text, "--config"));
}

static void test_run(void **state)
{
	char *wrong[] = {"nothing"};
	struct invocation invocation = {.arguments = wrong, .n_arguments = 1};

	(void)state;
	assert_int_equal(help_run(&invocation), COMMAND_MISUSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
