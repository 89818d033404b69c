/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the completion for bash: arrays of lines with a tab between their parts. */
#include "daemon/cli/command.h"
#include "daemon/cli/ios-command.h"
#include "daemon/cli/ios-line.h"
#include "daemon/cli/option.h"
#include "daemon/manual/directives.h"
#include <string.h>

static void write_command_rows(FILE *to)
{
	const struct command *command;

	fputs("\tlocal -a commands=(\n", to);
	for (size_t i = 0; (command = command_at(i)); i++)
		fprintf(to, "\t\t$'%s\\t%s'\n", command->words, command->usage);
	fputs("\t)\n", to);
}

static void write_option_rows(FILE *to)
{
	const struct option_row *option;

	fputs("\tlocal -a options=(\n", to);
	for (size_t i = 0; (option = option_at(i)); i++)
		fprintf(to, "\t\t$'%s\\t%s\\t%s'\n", option->name,
			option->argument ? option->argument : "-", option->commands);
	fputs("\t)\n", to);
}

/* A pattern without its brackets: what may be left out is offered all the same. */
static void put_flat(FILE *to, const char *pattern)
{
	for (; *pattern; pattern++)
		if (!strchr("[]'", *pattern))
			fputc(*pattern, to);
}

static void write_ios_lines_of(FILE *to, enum ios_block block, const char *opening)
{
	for (size_t i = 0; ios_line_at(block, i); i++) {
		fprintf(to, "\t\t'%s ", opening);
		put_flat(to, ios_line_at(block, i)->pattern);
		fputs("'\n", to);
	}
}

static void write_ios_rows(FILE *to)
{
	fputs("\tlocal -a ios=(\n", to);
	for (size_t i = 0; ios_command_at(i); i++) {
		fputs("\t\t'", to);
		put_flat(to, ios_command_at(i)->pattern);
		fputs("'\n", to);
	}
	write_ios_lines_of(to, IOS_BLOCK_SERVER, "crypto pki server LABEL");
	write_ios_lines_of(to, IOS_BLOCK_TRUSTPOINT, "crypto pki trustpoint NAME");
	fputs("\t)\n", to);
}

void write_bash_tables(FILE *to, const char *word)
{
	(void)word;
	write_command_rows(to);
	write_option_rows(to);
	write_ios_rows(to);
}
