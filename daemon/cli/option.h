/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The options of the command line, from options.def. */

#include "daemon/cli/command.h"

struct option_row {
	const char *name;     /* "reason" */
	char letter;	      /* its short form; 0 for none */
	const char *argument; /* "REASON"; NULL for a flag */
	const char *commands; /* as in options.def */
	const char *help;
	size_t place; /* of its member in struct invocation */
};

/* The rows in their order; NULL from their number on. Borrowed. */
const struct option_row *option_at(size_t i);
/* Whether the command of these words takes it. */
bool option_is_for(const struct option_row *option, const char *words);
/* Whether every command takes it. */
bool option_is_general(const struct option_row *option);
/* Reads the options into @ret, whose other members stay; getopt() moves them ahead in @argv. A
 * wrong one is told. Returns the index of the first word that is none, -EINVAL. */
_checked_ int option_read(int argc, char **argv, struct invocation *ret);
/* The name of an option that was given and that the command of these words doesn't take; NULL where
 * there is none. */
const char *option_not_taken(const struct invocation *invocation, const char *words);
