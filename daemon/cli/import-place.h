/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where an import is written: a new drop-in, and beside the configuration a file of mode 0600 for
 * each password. */

#include "daemon/cli/command.h"
#include "daemon/cli/import.h"

struct import_place {
	const char *path; /* of the drop-in; NULL: it is printed */
	char *folder;	  /* of the configuration */
};

/* Looks whether @path (NULL: none) is a drop-in that the configuration at @config would read, and
 * new; what is wrong is printed. */
enum command_status import_place_find(struct import_place *place, const char *config,
				      const char *path);
/* The drop-in's own name; any, where it is printed. */
const char *import_place_name(const struct import_place *place);
/* Writes the passwords, then @text; all or nothing. -errno, and @ret_why, the caller's, says which
 * file it was about. */
_checked_ int import_place_write(const struct import_place *place, const struct import *import,
				 struct span text, char **ret_why);
void import_place_done(struct import_place *place);
