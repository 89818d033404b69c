/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The operator's commands as a table, from commands.def: the words that name one, the arguments it
 * takes, the method it calls or the function that does it here, the question it asks first, and how
 * its answer is printed for people.
 */

#include "daemon/conf/conf.h"
#include "daemon/ipc/control.h"
#include <stdio.h>

/* What the command line says; the options are the members that options.def names. */
struct invocation {
#define OPTION_TEXT(name, letter, member, ...) const char *member;
#define OPTION_FLAG(name, letter, member, ...) bool member;
#include "daemon/cli/options.def"
#undef OPTION_TEXT
#undef OPTION_FLAG
	char **arguments; /* after the command's words */
	int n_arguments;
};

enum command_status { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_MISUSE = 2 };

struct command {
	const char *words; /* "server create" */
	const char *usage; /* of the arguments: "LABEL" */
	int least, most;   /* arguments */
	/* Either: a method of the daemon's, its parameters (an object; NULL with a message printed
	 * where they are wrong) … */
	enum control_method method;
	json_t *(*parameters)(const struct invocation *invocation);
	void (*print)(const json_t *answer);
	/* … or: done here, and the role that it takes. */
	enum control_role role;
	enum command_status (*run)(const struct invocation *invocation);
	const char *question; /* asked before, NULL for none; one %s: the first argument */
	const char *help;
};

/* The rows of commands.def, in their order; NULL from their number on. Borrowed. */
const struct command *command_at(size_t i);
/* The command that these words name, the longest match; NULL where there is none. @ret_words: how
 * many they were. */
const struct command *command_find(char **words, int n, int *ret_words);
/* Whether @words are the first of the command's, all of them included. */
bool command_begins_with(const struct command *command, char **words, int n);
/* The least role that may do it; NONE where it asks no program of ours. */
enum control_role command_role(const struct command *command);
/* Prints what a command came to: as --json has it, else by @print. Failed where a part of it did.
 */
enum command_status command_tell(const struct invocation *invocation, const json_t *answer,
				 void (*print)(const json_t *answer));
/* Does it: checks the number of arguments, asks, calls, prints. What went wrong is printed. */
enum command_status command_run(const struct command *command, const struct invocation *invocation);
