/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tables say about the commands, for people. */

#include "daemon/cli/command.h"

/* How a command is called, with its options, on one line. */
void help_print_usage(const struct command *command, FILE *to);
/* Usage, help, options and role of a command. */
void help_print_command(const struct command *command, FILE *to);
/* Every command that begins with these words, a line each; -ENOENT where none does. */
_checked_ int help_print_commands(char **words, int n, FILE *to);
/* How claviger is called, its general options, and every command. */
void help_print_all(FILE *to);
/* The command `help`: its arguments are the words of others. */
enum command_status help_run(const struct invocation *invocation);
