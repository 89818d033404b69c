/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where a command takes a request or a certificate from: a file, standard input, or a URL that
 * claviger-fetch reads. */

#include "daemon/cli/command.h"

/* The bytes behind @name: a path, a URL, or "-" for standard input, which ends where
 * csr_text_end() says or at its end. @what is asked for at a terminal: "certificate request". What
 * went wrong is printed. */
enum command_status source_read(const struct invocation *invocation, const char *what,
				const char *name, struct bytes *ret);
