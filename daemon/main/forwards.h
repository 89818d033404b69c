/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What RAs pass on to their CAs, on workers of its own: a CA's server that hangs delays no client
 * of another, nor anybody's token. Looked at when something is due, after each request that is to
 * be passed on, and when the configuration was read again; what fails for a reason of this
 * machine's is tried again with growing pauses.
 */

#include "daemon/main/daemon.h"

_checked_ int forwards_new(struct daemon *daemon, struct forwards **ret);
/* Looks at all of it: the configuration is another. */
void forwards_wake(struct forwards *forwards);
/* Begins nothing more. What waits for a server is cancelled with the trustpoints' waiting. */
void forwards_stop(struct forwards *forwards);
/* Waits for what runs. */
struct forwards *forwards_free(struct forwards *forwards);
