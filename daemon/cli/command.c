/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/command.h"
#include "daemon/cli/archive.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/audit.h"
#include "daemon/cli/certificate.h"
#include "daemon/cli/config-set.h"
#include "daemon/cli/config.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/doctor.h"
#include "daemon/cli/help.h"
#include "daemon/cli/import-ios.h"
#include "daemon/cli/key.h"
#include "daemon/cli/local.h"
#include "daemon/cli/option.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print-preview.h"
#include "daemon/cli/print-server.h"
#include "daemon/cli/print-trustpoint.h"
#include "daemon/cli/print.h"
#include "daemon/cli/reference.h"
#include "daemon/cli/request.h"
#include "daemon/cli/restore.h"
#include "daemon/cli/server-create.h"
#include "daemon/cli/server-delete.h"
#include "daemon/cli/server-export.h"
#include "daemon/cli/server-rollover.h"
#include "daemon/cli/server-show.h"
#include "daemon/cli/token-adopt.h"
#include "daemon/cli/token-backup.h"
#include "daemon/cli/token-init.h"
#include "daemon/cli/trustpoint-verify.h"
#include "daemon/cli/trustpoint.h"
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
#define COMMAND(words_, usage_, least_, most_, METHOD, parameters_, print_, question_, help_)      \
	{                                                                                          \
		.words = words_,                                                                   \
		.usage = usage_,                                                                   \
		.least = least_,                                                                   \
		.most = most_,                                                                     \
		.method = CONTROL_##METHOD,                                                        \
		.parameters = parameters_,                                                         \
		.print = print_,                                                                   \
		.question = question_,                                                             \
		.help = help_,                                                                     \
	},
#define COMMAND_HERE(words_, usage_, least_, most_, ROLE, run_, question_, help_)                  \
	{                                                                                          \
		.words = words_,                                                                   \
		.usage = usage_,                                                                   \
		.least = least_,                                                                   \
		.most = most_,                                                                     \
		.role = CONTROL_ROLE_##ROLE,                                                       \
		.run = run_,                                                                       \
		.question = question_,                                                             \
		.help = help_,                                                                     \
	},
#include "daemon/cli/commands.def"
#undef COMMAND
#undef COMMAND_HERE
};

const struct command *command_at(size_t i)
{
	return i < ELEMENTS(commands) ? &commands[i] : NULL;
}

/* How many of the given words begin the command's, one for one; @ret_rest: what the command has
 * more, "" where that is nothing. */
static int common_words(const char *command, char **words, int n, const char **ret_rest)
{
	int used = 0;

	while (used < n && *command) {
		size_t length = strcspn(command, " ");

		if (strlen(words[used]) != length || strncmp(words[used], command, length) != 0)
			break;
		command += length + (command[length] == ' ');
		used++;
	}
	*ret_rest = command;
	return used;
}

const struct command *command_find(char **words, int n, int *ret_words)
{
	const struct command *found = NULL;

	*ret_words = 0;
	for (size_t i = 0; i < ELEMENTS(commands); i++) {
		const char *rest;
		int used = common_words(commands[i].words, words, n, &rest);

		if (!*rest && used > *ret_words) {
			found = &commands[i];
			*ret_words = used;
		}
	}
	return found;
}

bool command_begins_with(const struct command *command, char **words, int n)
{
	const char *rest;

	return common_words(command->words, words, n, &rest) == n;
}

enum control_role command_role(const struct command *command)
{
	return command->run ? command->role : control_describe(command->method)->role;
}

enum command_status command_tell(const struct invocation *invocation, const json_t *answer,
				 void (*print)(const json_t *answer))
{
	if (invocation->json)
		print_json(answer);
	else
		print(answer);
	return print_has_failures(answer) ? COMMAND_FAILED : COMMAND_DONE;
}

static enum command_status call(const struct command *command, const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = command->parameters(invocation);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status;

	if (!parameters)
		return COMMAND_MISUSE;
	status = connection_call(invocation, command->method, parameters, &answer);
	return status ? status : command_tell(invocation, answer, command->print);
}

enum command_status command_run(const struct command *command, const struct invocation *invocation)
{
	const char *stray = option_not_taken(invocation, command->words);

	if (stray) {
		fprintf(stderr, "claviger: \"%s\" takes no --%s (claviger help %s)\n",
			command->words, stray, command->words);
		return COMMAND_MISUSE;
	}
	if (invocation->n_arguments < command->least || invocation->n_arguments > command->most) {
		fputs("usage: ", stderr);
		help_print_usage(command, stderr);
		return COMMAND_MISUSE;
	}
	if (command->question && !invocation->yes &&
	    !ask_yes(command->question, invocation->arguments[0])) {
		fputs("claviger: nothing was done\n", stderr);
		return COMMAND_FAILED;
	}
	return command->run ? command->run(invocation) : call(command, invocation);
}
