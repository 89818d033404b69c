/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/base/log.h"
#include "daemon/cli/command.h"
#include "daemon/cli/help.h"
#include "daemon/cli/ios-command.h"
#include "daemon/cli/option.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static enum command_status without_command(char **words, int n)
{
	if (!n) {
		fputs("claviger: a command is missing; these there are:\n", stderr);
	} else {
		fputs("claviger: no such command; these there are:\n", stderr);
		if (!help_print_commands(words, 1, stderr))
			return COMMAND_MISUSE;
	}
	if (help_print_commands(NULL, 0, stderr) < 0)
		return COMMAND_FAILED;
	return COMMAND_MISUSE;
}

static enum command_status run(char **words, int n, struct invocation *invocation);

/* What IOS calls it is done as what we call it, options and all. The invocation is a copy: it
 * points into this function's words. */
static enum command_status run_as_ios(char **words, int n, const struct invocation *invocation)
{
	_cleanup_(ios_command_done) struct ios_command ios = {};
	char *arguments[IOS_COMMAND_WORDS + 2] = {"claviger"};
	struct invocation ours = *invocation;
	int first, r = ios_command_read(words, n, &ios);

	if (r == IOS_COMMAND_OTHER)
		return without_command(words, n);
	if (r == IOS_COMMAND_WRONG)
		fprintf(stderr, "claviger: %.*s\n", (int)ios.why.size, (const char *)ios.why.data);
	else if (r < 0)
		fprintf(stderr, "claviger: %s\n", strerror(-r));
	if (r)
		return COMMAND_MISUSE;
	memcpy(arguments + 1, ios.words, sizeof(*ios.words) * (size_t)ios.n_words);
	first = option_read(ios.n_words + 1, arguments, &ours);
	assert(first > 0); /* our own tables say them right */
	return run(arguments + first, ios.n_words + 1 - first, &ours);
}

static enum command_status run(char **words, int n, struct invocation *invocation)
{
	int used;
	const struct command *command = command_find(words, n, &used);

	invocation->arguments = words + used;
	invocation->n_arguments = n - used;
	if (invocation->version) {
		puts("claviger " CLAVIGER_VERSION);
		return COMMAND_DONE;
	}
	if (invocation->help && command) {
		help_print_command(command, stdout);
		return COMMAND_DONE;
	}
	if (invocation->help)
		return help_run(invocation);
	return command ? command_run(command, invocation) : run_as_ios(words, n, invocation);
}

/* What was printed is written only now, perhaps to a disk that is full. Whoever has read enough and
 * closed his end of a pipe has what he wanted. */
static enum command_status finish(enum command_status status)
{
	bool failed = ferror(stdout);

	if (!fflush(stdout) && !failed)
		return status;
	if (errno == EPIPE)
		return status;
	fprintf(stderr, "claviger: what was printed could not be written: %s\n", strerror(errno));
	return status == COMMAND_DONE ? COMMAND_FAILED : status;
}

int main(int argc, char **argv)
{
	const char *config = getenv("CLAVIGER_CONFIG");
	struct invocation invocation = {.config = config ? config : "/etc/claviger/claviger.conf"};
	int first;

	log_init("claviger", LOG_LEVEL_WARNING);
	crypto_init();
	/* PINs and passphrases pass through here. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	secret_hide_from_kernel();
	control_wipe_freed();
	signal(SIGPIPE, SIG_IGN);
	first = option_read(argc, argv, &invocation);
	if (first < 0)
		return COMMAND_MISUSE;
	return (int)finish(run(argv + first, argc - first, &invocation));
}
