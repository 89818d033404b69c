/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/option.h"
#include <getopt.h>
#include <string.h>

static const struct option_row options[] = {
#define OPTION_TEXT(name_, letter_, member_, argument_, commands_, help_)                          \
	{                                                                                          \
		.name = name_,                                                                     \
		.letter = letter_,                                                                 \
		.argument = argument_,                                                             \
		.commands = commands_,                                                             \
		.help = help_,                                                                     \
		.place = offsetof(struct invocation, member_),                                     \
	},
#define OPTION_FLAG(name_, letter_, member_, commands_, help_)                                     \
	{                                                                                          \
		.name = name_,                                                                     \
		.letter = letter_,                                                                 \
		.commands = commands_,                                                             \
		.help = help_,                                                                     \
		.place = offsetof(struct invocation, member_),                                     \
	},
#include "daemon/cli/options.def"
#undef OPTION_TEXT
#undef OPTION_FLAG
};

const struct option_row *option_at(size_t i)
{
	return i < ELEMENTS(options) ? &options[i] : NULL;
}

bool option_is_general(const struct option_row *option)
{
	return !strcmp(option->commands, "*");
}

bool option_is_for(const struct option_row *option, const char *words)
{
	size_t size = strlen(words);
	const char *at = option->commands;

	if (option_is_general(option))
		return true;
	for (;;) {
		size_t length = strcspn(at, "|");

		if (length == size && !strncmp(at, words, size))
			return true;
		if (!at[length])
			return false;
		at += length + 1;
	}
}

/* getopt's tables, made from ours. */
struct getopt_rows {
	struct option rows[ELEMENTS(options) + 1];
	char letters[2 * ELEMENTS(options) + 1];
};

/* What getopt gives back for a row: its index, past every letter. */
#define FIRST_ROW 256

static void fill(struct getopt_rows *rows)
{
	char *letter = rows->letters;

	for (size_t i = 0; i < ELEMENTS(options); i++) {
		rows->rows[i] = (struct option){
			.name = options[i].name,
			.has_arg = options[i].argument ? required_argument : no_argument,
			.val = FIRST_ROW + (int)i,
		};
		if (!options[i].letter)
			continue;
		*letter++ = options[i].letter;
		if (options[i].argument)
			*letter++ = ':';
	}
}

static const struct option_row *row_of(int given)
{
	if (given >= FIRST_ROW)
		return &options[given - FIRST_ROW];
	for (size_t i = 0; i < ELEMENTS(options); i++)
		if (options[i].letter == given)
			return &options[i];
	return NULL; /* '?': getopt told what is wrong */
}

int option_read(int argc, char **argv, struct invocation *ret)
{
	struct getopt_rows rows = {};
	int given;

	fill(&rows);
	optind = 0; /* from the start, and once more for what IOS calls otherwise */
	while ((given = getopt_long(argc, argv, rows.letters, rows.rows, NULL)) >= 0) {
		const struct option_row *option = row_of(given);
		char *member;

		if (!option)
			return -EINVAL;
		member = (char *)ret + option->place;
		if (option->argument)
			*(const char **)(void *)member = optarg;
		else
			*(bool *)(void *)member = true;
	}
	return optind;
}

static bool is_given(const struct option_row *option, const struct invocation *invocation)
{
	const char *member = (const char *)invocation + option->place;

	return option->argument ? *(const char *const *)(const void *)member != NULL
				: *(const bool *)(const void *)member;
}

const char *option_not_taken(const struct invocation *invocation, const char *words)
{
	for (size_t i = 0; i < ELEMENTS(options); i++)
		if (is_given(&options[i], invocation) && !option_is_for(&options[i], words))
			return options[i].name;
	return NULL;
}
