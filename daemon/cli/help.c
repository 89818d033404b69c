/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/help.h"
#include "daemon/cli/option.h"
#include <string.h>

/* What "…" has more in bytes than on the screen: printf() counts bytes. */
static int beyond_width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) == 0x80;
	return n;
}

static void print_line(const struct command *command, FILE *to)
{
	fprintf(to, "  %-23s %-*s %s\n", command->words, 33 + beyond_width(command->usage),
		command->usage, command->help);
}

void help_print_usage(const struct command *command, FILE *to)
{
	const struct option_row *option;

	fprintf(to, "claviger %s%s%s", command->words, *command->usage ? " " : "", command->usage);
	for (size_t i = 0; (option = option_at(i)); i++) {
		if (option_is_general(option) || !option_is_for(option, command->words))
			continue;
		fprintf(to, " [--%s%s%s]", option->name, option->argument ? " " : "",
			option->argument ? option->argument : "");
	}
	fputc('\n', to);
}

static void print_options(FILE *to, const char *words, bool general)
{
	const struct option_row *option;

	for (size_t i = 0; (option = option_at(i)); i++) {
		int width;

		if (option_is_general(option) != general || !option_is_for(option, words))
			continue;
		width = fprintf(to, "  --%s%s%s", option->name, option->argument ? " " : "",
				option->argument ? option->argument : "");
		fprintf(to, "%*s%s\n", width < 22 ? 22 - width : 2, "", option->help);
	}
}

void help_print_command(const struct command *command, FILE *to)
{
	static const char *const who[] = {
		[CONTROL_ROLE_NONE] = "anybody",
		[CONTROL_ROLE_AUDITOR] = "the group claviger-auditor, and above",
		[CONTROL_ROLE_OPERATOR] = "the group claviger-operator, and above",
		[CONTROL_ROLE_ADMIN] = "the group claviger-admin",
	};

	help_print_usage(command, to);
	fprintf(to, "  %s\n", command->help);
	print_options(to, command->words, false);
	fprintf(to, "  for %s\n", who[command_role(command)]);
}

int help_print_commands(char **words, int n, FILE *to)
{
	const struct command *command;
	int found = -ENOENT;

	for (size_t i = 0; (command = command_at(i)); i++) {
		if (!command_begins_with(command, words, n))
			continue;
		print_line(command, to);
		found = 0;
	}
	return found;
}

void help_print_all(FILE *to)
{
	fputs("claviger [OPTION…] COMMAND …\n\n", to);
	print_options(to, "", true);
	fputs("\nExit status: 0 done, 1 refused or failed, 2 misuse.\n"
	      "\n"
	      "Commands [what IOS calls them]; \"claviger help COMMAND\" says more:\n",
	      to);
	for (size_t i = 0; command_at(i); i++)
		print_line(command_at(i), to);
}

enum command_status help_run(const struct invocation *invocation)
{
	int used;
	const struct command *command =
		command_find(invocation->arguments, invocation->n_arguments, &used);

	if (!invocation->n_arguments)
		help_print_all(stdout);
	else if (command && used == invocation->n_arguments)
		help_print_command(command, stdout);
	else if (help_print_commands(invocation->arguments, invocation->n_arguments, stdout) < 0) {
		fputs("claviger: no such command (claviger help lists all)\n", stderr);
		return COMMAND_MISUSE;
	}
	return COMMAND_DONE;
}
