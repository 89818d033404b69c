/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The operator's commands as a table: the words that name one, the arguments it takes, the method
 * it calls or the function that does it here, the question it asks first, and how its answer is
 * printed for people.
 */

#include "daemon/conf/conf.h"
#include "daemon/ipc/control.h"
#include <stdio.h>

struct invocation {
	const char *config;  /* the configuration's path */
	bool json;	     /* print for programs */
	bool yes;	     /* answers every question */
	const char *subject; /* --for */
	const char *reason;  /* --reason */
	char **arguments;    /* after the command's words */
	int n_arguments;
};

enum command_status { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_MISUSE = 2 };

struct command {
	const char *words; /* "server create" */
	const char *usage; /* of the arguments: "LABEL" */
	const char *help;
	int least, most; /* arguments */
	/* Either: a method of the daemon's, its parameters (an object; NULL with a message printed
	 * where they are wrong) … */
	enum control_method method;
	json_t *(*parameters)(const struct invocation *invocation);
	void (*print)(const json_t *answer);
	const char *question; /* asked before, NULL for none; one %s: the first argument */
	/* … or: done here. */
	enum command_status (*run)(const struct invocation *invocation);
};

/* The command that these words name, the longest match; NULL where there is none. @ret_words: how
 * many they were. */
const struct command *command_find(char **words, int n, int *ret_words);
/* Prints every command with its help. */
void command_print_all(FILE *to);
enum command_status command_run(const struct command *command, const struct invocation *invocation);
