/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/command.h"
#include "daemon/cli/ask.h"
#include "daemon/cli/connection.h"
#include "daemon/cli/local.h"
#include "daemon/cli/parameters.h"
#include "daemon/cli/print.h"
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
	{"server create", "LABEL", "make the key on its token and the CA certificate", 1, 1,
	 CONTROL_SERVER_CREATE, parameters_label, print_server,
	 "Make the CA key and certificate of server %s? Its name and lifetime are fixed then."},
	{"server start", "LABEL", "enable a server [no shutdown]", 1, 1, CONTROL_SERVER_START,
	 parameters_label, print_server,
	 "Enable server %s? Some settings can't be changed while it is enabled."},
	{"server stop", "LABEL", "disable a server [shutdown]", 1, 1, CONTROL_SERVER_STOP,
	 parameters_label, print_server,
	 "Disable server %s? Routers can't enrol until it is started again."},
	{"server show", "LABEL", "state and dates of a server [show crypto pki server]", 1, 1,
	 CONTROL_SERVER_SHOW, parameters_label, print_server},
	{"request list", "SERVER", "the request database [info requests]", 1, 1,
	 CONTROL_REQUEST_LIST, parameters_server, print_requests},
	{"request show", "SERVER ID", "one request", 2, 2, CONTROL_REQUEST_SHOW,
	 parameters_server_id, print_object},
	{"request grant", "SERVER ID…|all", "issue what waits [grant]", 2, 4096,
	 CONTROL_REQUEST_GRANT, parameters_server_ids, print_done},
	{"request reject", "SERVER ID…|all", "refuse what waits [reject]", 2, 4096,
	 CONTROL_REQUEST_REJECT, parameters_server_ids, print_done},
	{"password generate", "SERVER [MINUTES] [--for SUBJECT]",
	 "a one-time password, 1 to 1440 minutes, default 60", 1, 2, CONTROL_PASSWORD_GENERATE,
	 parameters_password, print_password},
	{"certificate list", "SERVER", "what a server issued", 1, 1, CONTROL_CERTIFICATE_LIST,
	 parameters_server, print_certificates},
	{"certificate show", "SERVER SERIAL", "one certificate", 2, 2, CONTROL_CERTIFICATE_SHOW,
	 parameters_server_serial, print_object},
	{"certificate revoke", "SERVER SERIAL [--reason REASON]",
	 "revoke for good, and issue a CRL [revoke]", 2, 2, CONTROL_CERTIFICATE_REVOKE,
	 parameters_revoke, print_object,
	 "Revoke this certificate of server %s? That can't be undone."},
	{"crl show", "SERVER", "the current CRL [info crl]", 1, 1, CONTROL_CRL_SHOW,
	 parameters_server, print_object},
	{"crl issue", "SERVER", "sign a CRL now", 1, 1, CONTROL_CRL_ISSUE, parameters_server,
	 print_object},
	{"token list", "", "the tokens and what they wait for", 0, 0, CONTROL_TOKEN_LIST,
	 parameters_none, print_tokens},
	{"token init", "NAME LABEL", "initialise an empty token: asks SO PIN and PIN", 2, 2,
	 .run = local_token_init, .question = "Initialise token %s?"},
	{"token login", "NAME", "give a token its PIN: asks for it", 1, 1,
	 .run = local_token_login},
	{"timers", "", "what will be done next, and when [show crypto pki timers]", 0, 0,
	 CONTROL_TIMERS, parameters_none, print_timers},
	{"status", "", "the health of the daemon", 0, 0, CONTROL_STATUS, parameters_none,
	 print_status},
	{"config check", "", "read the configuration and say what is wrong with it", 0, 0,
	 .run = local_config_check},
	{"log", "LEVEL", "error, warning, notice, info or debug [debug crypto pki]", 1, 1,
	 CONTROL_LOG, parameters_level, print_nothing},
};

/* How many of the given words are the command's; 0 where they are not. */
static int match(const char *command, char **words, int n)
{
	const char *rest = command;

	for (int used = 0; used < n; used++) {
		size_t length = strcspn(rest, " ");

		if (strlen(words[used]) != length || strncmp(words[used], rest, length) != 0)
			return 0;
		if (!rest[length])
			return used + 1;
		rest += length + 1;
	}
	return 0;
}

const struct command *command_find(char **words, int n, int *ret_words)
{
	for (size_t i = 0; i < ELEMENTS(commands); i++) {
		*ret_words = match(commands[i].words, words, n);
		if (*ret_words)
			return &commands[i];
	}
	return NULL;
}

/* What "…" has more in bytes than on the screen: printf() counts bytes. */
static int beyond_width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) == 0x80;
	return n;
}

void command_print_all(FILE *to)
{
	for (size_t i = 0; i < ELEMENTS(commands); i++)
		fprintf(to, "  %-20s%-*s%s\n", commands[i].words,
			34 + beyond_width(commands[i].usage), commands[i].usage, commands[i].help);
}

static enum command_status call(const struct command *command, const struct invocation *invocation)
{
	_cleanup_(control_jsonp) json_t *parameters = command->parameters(invocation);
	_cleanup_(control_jsonp) json_t *answer = NULL;
	enum command_status status;

	if (!parameters)
		return COMMAND_MISUSE;
	status = connection_call(invocation, command->method, parameters, &answer);
	if (status)
		return status;
	if (invocation->json)
		print_json(answer);
	else
		command->print(answer);
	return print_has_failures(answer) ? COMMAND_FAILED : COMMAND_DONE;
}

enum command_status command_run(const struct command *command, const struct invocation *invocation)
{
	if (invocation->n_arguments < command->least || invocation->n_arguments > command->most) {
		fprintf(stderr, "usage: claviger %s %s\n", command->words, command->usage);
		return COMMAND_MISUSE;
	}
	if (command->question && !invocation->yes &&
	    !ask_yes(command->question, invocation->arguments[0])) {
		fputs("claviger: nothing was done\n", stderr);
		return COMMAND_FAILED;
	}
	return command->run ? command->run(invocation) : call(command, invocation);
}
