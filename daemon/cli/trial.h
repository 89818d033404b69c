/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A configuration with one more drop-in, read as a whole before anything of it is written. */

#include "daemon/base/bytes.h"
#include "daemon/conf/conf.h"

struct trial {
	char *errors;  /* all that is wrong, one a line */
	char *drop_in; /* as they name it */
};

/*
 * Reads the configuration at @config (one without a line where there is no such file) with @text as
 * a drop-in of the name @name in it.
 *
 * Returns 0 where it is right; TRIAL_WRONG, and @ret, the caller's, says what is wrong; -errno.
 * Blocks for files.
 */
enum trial_outcome { TRIAL_WRONG = 1 };
_checked_ int trial_run(const char *config, const char *name, struct span text, struct trial *ret);
/* What is wrong in the drop-in, one after the other: @at begins as NULL. False past the last. */
bool trial_next(const struct trial *trial, const char **at, unsigned *ret_line,
		struct span *ret_why);
void trial_done(struct trial *trial);
