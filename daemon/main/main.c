/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/base/log.h"
#include "daemon/main/daemon.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define EXIT_MISUSE 2

static const char help[] =
	"clavigerd [--config FILE]\n"
	"The certificate server's daemon: policy, database, timers, SCEP. Keys stay with "
	"claviger-token.\n"
	"\n"
	"  --config FILE  the configuration (default /etc/claviger/claviger.conf)\n"
	"  --debug        log at level debug\n"
	"  --help         this text\n"
	"  --version      the version\n";

struct options {
	const char *config;
	enum log_level level;
};

/* -1: go on; else the status to exit with. */
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
			ret->config = optarg;
			break;
		case 'd':
			ret->level = LOG_LEVEL_DEBUG;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'v':
			puts("clavigerd " CLAVIGER_VERSION);
			return EXIT_SUCCESS;
		default:
			return EXIT_MISUSE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "clavigerd: \"%s\" is not expected (--help)\n", argv[optind]);
		return EXIT_MISUSE;
	}
	return -1;
}

/* Content keys pass through here: no core dumps, no debugger of the same user, files for nobody
 * else. */
static void harden(void)
{
	struct rlimit none = {0, 0};

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
	umask(0022);
	signal(SIGPIPE, SIG_IGN);
}

static int use_test_clock(const struct conf *conf)
{
#ifdef CLAVIGER_TEST_CLOCK
	if (conf->daemon.test_clock)
		return clock_use_file(conf->daemon.test_clock);
#endif
	(void)conf;
	return 0;
}

static int load(const char *path, struct conf **ret)
{
	_cleanup_(freep) char *error = NULL;
	int r;

	r = conf_load(path, ret, &error);
	if (error)
		fputs(error, stderr);
	if (r)
		log_error(LOG_FIELDS(log_text("FILE", path)), "the configuration can't be used");
	return r;
}

static int serve(const struct options *options)
{
	_cleanup_(conf_unrefp) struct conf *conf = NULL;
	_cleanup_(daemon_closep) struct daemon *daemon = NULL;

	if (load(options->config, &conf) || use_test_clock(conf) < 0 ||
	    daemon_open(conf, &daemon) < 0)
		return EXIT_FAILURE;
	return daemon_run(daemon) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options options = {.config = "/etc/claviger/claviger.conf", .level = LOG_LEVEL_INFO};
	int status = read_options(argc, argv, &options);

	if (status >= 0)
		return status;
	log_init("clavigerd", options.level);
	crypto_init();
	harden();
	return serve(&options);
}
