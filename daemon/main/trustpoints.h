/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What trustpoints do by themselves, on workers of their own: a CA's server that hangs delays
 * neither operators nor enrolments here, nor the other trustpoints. Each trustpoint is looked at
 * when its next planned action is due, after each change of one, and when the configuration was
 * read again; what fails for a reason of this machine's is tried again with growing pauses.
 */

#include "daemon/main/daemon.h"

_checked_ int trustpoints_new(struct daemon *daemon, struct trustpoints **ret);
/* Looks at all of them: the configuration is another. */
void trustpoints_wake(struct trustpoints *trustpoints);
/* Begins nothing more, and cancels what waits for a server. */
void trustpoints_stop(struct trustpoints *trustpoints);
/* Waits for what runs. */
struct trustpoints *trustpoints_free(struct trustpoints *trustpoints);
