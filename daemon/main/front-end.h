/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether anybody can bring SCEP messages: the port's unit, claviger-http.socket, is asked of
 * systemd over D-Bus, and again whenever a unit there changes. Where it is inactive, an enabled
 * server says that it waits for its HTTP server, and goes on by itself. Without D-Bus, or where
 * systemd knows no such unit, nothing is known against it: whoever wants to may connect. A D-Bus
 * that goes, or is not there yet, is connected to again, from a second later up to a minute.
 */

#include "daemon/main/daemon.h"

/* Connects from the loop; never fails for want of D-Bus. -errno. */
_checked_ int front_end_new(struct daemon *daemon, struct front_end **ret);
struct front_end *front_end_free(struct front_end *front_end);
