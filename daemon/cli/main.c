/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/base/log.h"
#include "daemon/cli/command.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void print_help(void)
{
	puts("claviger [--config FILE] [--json] [--yes] COMMAND …\n"
	     "\n"
	     "  --config FILE  the configuration (default $CLAVIGER_CONFIG, else "
	     "/etc/claviger/claviger.conf)\n"
	     "  --json         answers for programs\n"
	     "  --yes          answers yes to questions\n"
	     "  --help         this text\n"
	     "  --version      the version\n"
	     "\n"
	     "Exit status: 0 done, 1 refused or failed, 2 misuse.\n"
	     "\n"
	     "Commands [what IOS calls them]:");
	command_print_all(stdout);
}

enum { OPTION_FOR = 256, OPTION_REASON };

/* -1: go on; else the status to exit with. */
static int read_options(int argc, char **argv, struct invocation *ret)
{
	static const struct option rows[] = {
		{"config", required_argument, NULL, 'c'},
		{"json", no_argument, NULL, 'j'},
		{"yes", no_argument, NULL, 'y'},
		{"for", required_argument, NULL, OPTION_FOR},
		{"reason", required_argument, NULL, OPTION_REASON},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:jyhv", rows, NULL)) >= 0) {
		switch (option) {
		case 'c':
			ret->config = optarg;
			break;
		case 'j':
			ret->json = true;
			break;
		case 'y':
			ret->yes = true;
			break;
		case OPTION_FOR:
			ret->subject = optarg;
			break;
		case OPTION_REASON:
			ret->reason = optarg;
			break;
		case 'h':
			print_help();
			return COMMAND_DONE;
		case 'v':
			puts("claviger " CLAVIGER_VERSION);
			return COMMAND_DONE;
		default:
			return COMMAND_MISUSE;
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	const char *config = getenv("CLAVIGER_CONFIG");
	struct invocation invocation = {.config = config ? config : "/etc/claviger/claviger.conf"};
	const struct command *command;
	int words, status;

	log_init("claviger", LOG_LEVEL_WARNING);
	crypto_init();
	signal(SIGPIPE, SIG_IGN);
	status = read_options(argc, argv, &invocation);
	if (status >= 0)
		return status;
	command = command_find(argv + optind, argc - optind, &words);
	if (!command) {
		fputs(optind < argc ? "claviger: no such command; these there are:\n"
				    : "claviger: a command is missing; these there are:\n",
		      stderr);
		command_print_all(stderr);
		return COMMAND_MISUSE;
	}
	invocation.arguments = argv + optind + words;
	invocation.n_arguments = argc - optind - words;
	return (int)command_run(command, &invocation);
}
