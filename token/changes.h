/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tells when the configuration's files or the PIN's file change (inotify on their directories), so
 * that neither has to be announced.
 */

#include <systemd/sd-event.h>

#include "daemon/base/err.h"

struct changes;

struct changes_facts {
	const char *configuration; /* its path; drop-ins lie in PATH.d */
	const char *pin;	   /* NULL: it comes from no file */
	void (*on_configuration)(void *context);
	void (*on_pin)(void *context);
	void *context;
};

/* Directories that don't exist are not watched. -errno. */
_checked_ int changes_watch(sd_event *event, const struct changes_facts *facts,
			    struct changes **ret);
struct changes *changes_stop(struct changes *changes);
