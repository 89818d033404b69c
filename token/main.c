/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/conf/program.h"
#include "token/server.h"
#include "token/watch.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_MISUSE 2

static const struct program program = {
	.name = "claviger-token",
	.about = "Keeps the token of [Token NAME]: its module, its PIN, its keys and their "
		 "charters.\n",
	.argument = "NAME",
};

/* It becomes part of paths. */
static bool is_token_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

/* The event loop takes these; threads, the module's own too, must not. */
static void block_signals(void)
{
	sigset_t taken;

	(void)sigemptyset(&taken);
	(void)sigaddset(&taken, SIGHUP);
	(void)sigaddset(&taken, SIGTERM);
	(void)sigaddset(&taken, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &taken, NULL);
}

/* In builds for tests, how much of each time limit there is, in percent. */
static void read_test_limits(void)
{
#ifdef CLAVIGER_TEST_CLOCK
	const char *percent = getenv("CLAVIGER_TEST_LIMITS_PERCENT");

	if (percent)
		watch_scale((unsigned)strtoul(percent, NULL, 10));
#endif
}

static int serve(const struct program_options *options)
{
	const struct server_facts_of_start facts = {.token = options->argument,
						    .configuration = options->config};
	struct server *server;
	int r;

	if (server_open(&facts, &server) < 0)
		return EXIT_FAILURE;
	r = server_run(server);
	/* With a thread stuck in the module nothing can be tidied up: its locks may be held. */
	if (r == SERVER_HUNG || server_close(server) == SERVER_HUNG)
		_exit(EXIT_FAILURE);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct program_options options;
	int status = program_read_options(&program, argc, argv, &options);

	if (status >= 0)
		return status;
	if (!is_token_name(options.argument)) {
		(void)fprintf(stderr, "%s: \"%s\" is no token's name (--help)\n", program.name,
			      options.argument);
		return EXIT_MISUSE;
	}
	program_harden();
	(void)umask(0077);
	block_signals();
	log_init(program.name, options.level);
	crypto_init();
	read_test_limits();
	return serve(&options);
}
