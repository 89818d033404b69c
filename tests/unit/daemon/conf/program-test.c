/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/program.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct program plain = {.name = "plain", .about = "Does nothing.\n"};
static const struct program named = {.name = "named", .about = "Does it.\n", .argument = "NAME"};

static const struct {
	const struct program *program;
	const char *words[6];
	int status;
	const char *config, *argument;
	enum log_level level;
} rows[] = {
	{&plain, {"p"}, -1, "/etc/claviger/claviger.conf", NULL, LOG_LEVEL_INFO},
	{&plain, {"p", "--config", "/x"}, -1, "/x", NULL, LOG_LEVEL_INFO},
	{&plain, {"p", "--config=/x", "--debug"}, -1, "/x", NULL, LOG_LEVEL_DEBUG},
	{&plain, {"p", "x"}, 2, NULL, NULL, 0},
	{&plain, {"p", "--nonsense"}, 2, NULL, NULL, 0},
	{&plain, {"p", "--config"}, 2, NULL, NULL, 0},
	{&plain, {"p", "--help"}, 0, NULL, NULL, 0},
	{&plain, {"p", "--version"}, 0, NULL, NULL, 0},
	{&named, {"p", "soft"}, -1, "/etc/claviger/claviger.conf", "soft", LOG_LEVEL_INFO},
	{&named, {"p", "--config", "/x", "soft"}, -1, "/x", "soft", LOG_LEVEL_INFO},
	{&named, {"p", "soft", "--config", "/x"}, -1, "/x", "soft", LOG_LEVEL_INFO},
	{&named, {"p"}, 2, NULL, NULL, 0},
	{&named, {"p", "a", "b"}, 2, NULL, NULL, 0},
};

static void command_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char *words[ELEMENTS(rows[i].words) + 1] = {NULL};
		struct program_options options;
		int n = 0, status;

		for (; rows[i].words[n]; n++)
			words[n] = strdup(rows[i].words[n]);
		status = program_read_options(rows[i].program, n, words, &options);
		if (status != rows[i].status)
			fail_msg("row %zu gave %d", i, status);
		if (status < 0) {
			assert_string_equal(options.config, rows[i].config);
			assert_int_equal(options.level, rows[i].level);
			if (rows[i].argument)
				assert_string_equal(options.argument, rows[i].argument);
			else
				assert_null(options.argument);
		}
		/* getopt moves the words around, and keeps all of them. */
		for (int word = 0; word < n; word++)
			free(words[word]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(command_lines)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
