/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of claviger and their options. */
#include "daemon/cli/command.h"
#include "daemon/cli/option.h"
#include "daemon/manual/directives.h"
#include "daemon/manual/roff.h"

static void write_option_name(FILE *to, const struct option_row *option)
{
	if (option->letter)
		fprintf(to, "\\fB\\-%c\\fR, ", option->letter);
	fputs("\\fB\\-\\-", to);
	roff_text(to, option->name);
	fputs("\\fR", to);
	if (!option->argument)
		return;
	fputs(" \\fI", to);
	roff_text(to, option->argument);
	fputs("\\fR", to);
}

void write_general_options(FILE *to, const char *word)
{
	const struct option_row *option;

	(void)word;
	for (size_t i = 0; (option = option_at(i)); i++) {
		if (!option_is_general(option))
			continue;
		fputs(".TP\n", to);
		write_option_name(to, option);
		fputc('\n', to);
		roff_text(to, option->help);
		fputs(".\n", to);
	}
}

static void write_own_options(FILE *to, const struct command *command)
{
	const struct option_row *option;

	for (size_t i = 0; (option = option_at(i)); i++) {
		if (option_is_general(option) || !option_is_for(option, command->words))
			continue;
		fputs(".br\n", to);
		write_option_name(to, option);
		fputs(": ", to);
		roff_text(to, option->help);
		fputs(".\n", to);
	}
}

static const char *const roles[] = {
	[CONTROL_ROLE_NONE] = "Asks no program.",
	[CONTROL_ROLE_AUDITOR] = "For claviger\\-auditor and above.",
	[CONTROL_ROLE_OPERATOR] = "For claviger\\-operator and above.",
	[CONTROL_ROLE_ADMIN] = "For claviger\\-admin.",
};

void write_commands(FILE *to, const char *word)
{
	const struct command *command;

	(void)word;
	for (size_t i = 0; (command = command_at(i)); i++) {
		fputs(".TP\n\\fB", to);
		roff_text(to, command->words);
		fputs("\\fR \\fI", to);
		roff_text(to, command->usage);
		fputs("\\fR\n", to);
		roff_text(to, command->help);
		fprintf(to, ".\n%s\n", roles[command_role(command)]);
		write_own_options(to, command);
	}
}
