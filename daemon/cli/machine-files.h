/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the machine's administrator must put into /etc for a configuration, since no program of ours
 * may: which units clavigerd may have reloaded and who may ask pcscd (polkit), where clavigerd may
 * write (a drop-in of its unit).
 */

#include "daemon/conf/conf.h"

struct machine_file {
	const char *path;   /* constant */
	const char *what;   /* "polkit rule", "drop-in"; constant */
	const char *beside; /* needed only where this file of the system's is; or NULL; constant */
	char *content;
};
#define MACHINE_FILES_MOST 3

struct machine_files {
	struct machine_file items[MACHINE_FILES_MOST];
	size_t n;
};
/* Whether the token is a card in a reader: by Reader=, or else by its module's name, since only the
 * module knows. */
bool machine_has_reader(const struct conf_token *token);
/* Those that @conf needs; none where no trustpoint exports anything and no token is a card.
 * -ENOMEM.
 */
_checked_ int machine_files_make(const struct conf *conf, struct machine_files *ret);
void machine_files_done(struct machine_files *files);
