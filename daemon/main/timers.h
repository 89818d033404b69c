/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One timer, armed at the earliest action that any server plans; what is due is done on a worker.
 * What fails is tried again with growing pauses.
 */

#include "daemon/main/daemon.h"

_checked_ int timers_new(struct daemon *daemon, struct timers **ret);
/* Begins nothing more; what runs goes on. */
void timers_stop(struct timers *timers);
/* Only after the workers are gone. */
struct timers *timers_free(struct timers *timers);
