/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the programs that serve begin, all alike: their command line, their process made safe for
 * secrets, their configuration with the test clock of builds for tests.
 */

#include "daemon/base/log.h"
#include "daemon/conf/conf.h"

struct program {
	const char *name;
	const char *about;    /* what it does, for --help; ends with a line break */
	const char *argument; /* what must follow the options ("NAME"); NULL: nothing may */
};

struct program_options {
	const char *config;
	const char *argument;
	enum log_level level;
};

/* Reads --config FILE, --debug, --help and --version. -1: go on; else the status to exit with (2
 * for misuse), all said. @ret borrows from @argv. */
_checked_ int program_read_options(const struct program *program, int argc, char **argv,
				   struct program_options *ret);

/* No core dumps, no debugger of the same user, secrets out of the kernel's own sight; a peer that
 * went away, or a limit on files, is an error and no death. */
void program_harden(void);

/* As conf_load(), each error logged on a line of its own; -EINVAL where it is wrong. */
_checked_ int program_load_configuration(const char *path, struct conf **ret);
/* Takes the time from [Daemon] TestClock= where it is set; nothing in a release. -errno, logged. */
_checked_ int program_use_test_clock(const struct conf *conf);
