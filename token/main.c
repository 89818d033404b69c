/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/crypto.h"
#include "daemon/base/log.h"
#include "token/server.h"
#include "token/watch.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_MISUSE 2

static const char help[] =
	"claviger-token [--config FILE] NAME\n"
	"Keeps the token of [Token NAME]: its module, its PIN, its keys and their charters.\n"
	"\n"
	"  --config FILE  the configuration (default /etc/claviger/claviger.conf)\n"
	"  --debug        log at level debug\n"
	"  --help         this text\n"
	"  --version      the version\n";

struct options {
	struct server_facts_of_start facts;
	enum log_level level;
};

static int misuse(const char *what)
{
	(void)fprintf(stderr, "claviger-token: %s (--help)\n", what);
	return EXIT_MISUSE;
}

/* -1: go on; else the status to exit with. */
static int read_name(int argc, char **argv, struct options *ret)
{
	if (optind + 1 != argc)
		return misuse("exactly one token's name is expected");
	ret->facts.token = argv[optind];
	/* It becomes part of paths. */
	if (!*ret->facts.token || *ret->facts.token == '.' || strchr(ret->facts.token, '/'))
		return misuse("this is no token's name");
	return -1;
}

static int read_options(int argc, char **argv, struct options *ret)
{
	static const struct option rows[] = {
		{"config",	   required_argument, NULL, 'c'},
		{"debug",	  no_argument, NULL, 'd'},
		{"help",		 no_argument, NULL, 'h'},
		{"version",no_argument, NULL, 'v'},
		{0	  },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:dhv", rows, NULL)) >= 0) {
		switch (option) {
		case 'c':
			ret->facts.configuration = optarg;
			break;
		case 'd':
			ret->level = LOG_LEVEL_DEBUG;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'v':
			(void)puts("claviger-token " CLAVIGER_VERSION);
			return EXIT_SUCCESS;
		default:
			return EXIT_MISUSE;
		}
	}
	return read_name(argc, argv, ret);
}

/* The PIN is in this process: no core dumps, no debugger of the same user, no file for others. */
static void harden(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)umask(0077);
	/* p11-kit's client, for one, dies of it when its server does. */
	(void)signal(SIGPIPE, SIG_IGN);
	/* A limit on files is an error of the write, as a full disk is. */
	(void)signal(SIGXFSZ, SIG_IGN);
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

int main(int argc, char **argv)
{
	struct options options = {
		.facts.configuration = "/etc/claviger/claviger.conf",
		.level = LOG_LEVEL_INFO,
	};
	struct server *server;
	int status = read_options(argc, argv, &options);
	int r, closed;

	if (status >= 0)
		return status;
	harden();
	block_signals();
	log_init("claviger-token", options.level);
	crypto_init();
	read_test_limits();
	if (server_open(&options.facts, &server) < 0)
		return EXIT_FAILURE;
	r = server_run(server);
	/* With a thread stuck in the module nothing can be tidied up: its locks may be held. */
	if (r == SERVER_HUNG)
		_exit(EXIT_FAILURE);
	closed = server_close(server);
	if (closed == SERVER_HUNG)
		_exit(EXIT_FAILURE);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
