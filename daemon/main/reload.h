/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SIGHUP, and what follows when the configuration was read again: read on a worker, adopted on the
 * event loop. What is under way ends with the configuration it began with.
 */

#include "daemon/main/daemon.h"

/* Begins to read the configuration again, as systemd or a person asks by SIGHUP. */
void reload_begin(struct daemon *daemon);
/* Puts @fresh, whose reference is taken over, in the place of the daemon's flow. -errno, logged: it
 * stays as it was. */
int reload_adopt(struct daemon *daemon, struct flow *fresh);
