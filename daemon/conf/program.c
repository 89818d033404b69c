/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/conf/program.h"
#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define EXIT_MISUSE  2
#define CONFIG_USUAL "/etc/claviger/claviger.conf"

static int print_help(const struct program *program)
{
	printf("%s [--config FILE]%s%s\n%s\n"
	       "  --config FILE  the configuration (default " CONFIG_USUAL ")\n"
	       "  --debug        log at level debug\n"
	       "  --help         this text\n"
	       "  --version      the version\n",
	       program->name, program->argument ? " " : "",
	       program->argument ? program->argument : "", program->about);
	return EXIT_SUCCESS;
}

static int print_version(const struct program *program)
{
	printf("%s " CLAVIGER_VERSION "\n", program->name);
	return EXIT_SUCCESS;
}

static int read_argument(const struct program *program, int argc, char **argv,
			 struct program_options *ret)
{
	int wanted = program->argument ? 1 : 0;

	if (argc - optind == wanted) {
		ret->argument = wanted ? argv[optind] : NULL;
		return -1;
	}
	if (argc - optind > wanted)
		fprintf(stderr, "%s: \"%s\" is not expected (--help)\n", program->name,
			argv[optind + wanted]);
	else
		fprintf(stderr, "%s: %s is missing (--help)\n", program->name, program->argument);
	return EXIT_MISUSE;
}

int program_read_options(const struct program *program, int argc, char **argv,
			 struct program_options *ret)
{
	/* clang-format off */
	static const struct option rows[] = {
		{"config",  required_argument, NULL, 'c'},
		{"debug",   no_argument,       NULL, 'd'},
		{"help",    no_argument,       NULL, 'h'},
		{"version", no_argument,       NULL, 'v'},
		{0},
	};
	/* clang-format on */
	int option;

	*ret = (struct program_options){.config = CONFIG_USUAL, .level = LOG_LEVEL_INFO};
	optind = 0; /* so that a test can come again */
	while ((option = getopt_long(argc, argv, "c:dhv", rows, NULL)) >= 0) {
		switch (option) {
		case 'c':
			ret->config = optarg;
			break;
		case 'd':
			ret->level = LOG_LEVEL_DEBUG;
			break;
		case 'h':
			return print_help(program);
		case 'v':
			return print_version(program);
		default:
			return EXIT_MISUSE;
		}
	}
	return read_argument(program, argc, argv, ret);
}

void program_harden(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	secret_hide_from_kernel();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
}

int program_load_configuration(const char *path, struct conf **ret)
{
	_cleanup_(freep) char *errors = NULL;
	char *rest = NULL;
	int r = conf_load(path, ret, &errors);

	for (char *line = errors ? strtok_r(errors, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		log_error(LOG_PLAIN, "%s", line);
	if (r < 0)
		log_error(LOG_FIELDS(log_text("FILE", path)), "the configuration can't be read: %s",
			  strerrordesc_np(-r));
	return r == CONF_LOAD_WRONG ? -EINVAL : r;
}

int program_use_test_clock(const struct conf *conf)
{
#ifdef CLAVIGER_TEST_CLOCK
	crash_use_file(conf->daemon.test_crash);
	if (conf->daemon.test_clock) {
		int r = clock_use_file(conf->daemon.test_clock);

		if (r < 0)
			log_error(LOG_FIELDS(log_text("FILE", conf->daemon.test_clock)),
				  "the test clock can't be read: %s", strerrordesc_np(-r));
		return r;
	}
#endif
	(void)conf;
	return 0;
}
