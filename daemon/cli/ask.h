/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Questions to the operator. Secrets are read from the terminal without echo, or a line each from
 * standard input where that is no terminal; never from the command line. */

#include "daemon/base/bytes.h"

/* Prints the question (one %s: @about) and reads yes or no; anything but yes is no, and so is a
 * standard input that ended. */
bool ask_yes(const char *question, const char *about);
/* One line of at most 255 bytes into locked memory. -ENODATA where input ended, -EMSGSIZE. */
_checked_ int ask_secret(const char *prompt, struct secret *ret);
