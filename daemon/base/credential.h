/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Secrets that the configuration names without holding them: by a file's path, which has a slash,
 * or by the name of a credential that systemd gives the service. */

#include "daemon/base/bytes.h"

/* Its path. @directory: of the credentials; NULL, where there is none, makes a path that can't be
 * read. -ENOMEM. */
_checked_ int credential_path(const char *name, const char *directory, char **ret);

/* What is wrong with one that file_read_secret() refuses with @error, and what to do, for people.
 */
const char *credential_advice(int error);

enum credential_outcome { CREDENTIAL_REFUSED = 1 };

/* Reads it, of this service's own credentials, into locked memory, a line break at its end dropped;
 * at most @limit bytes. 0; CREDENTIAL_REFUSED with *ret_reason (the caller's), which names the file
 * and what is wrong with it; -ENOMEM. */
_checked_ int credential_read(const char *name, size_t limit, struct secret *ret,
			      char **ret_reason);
