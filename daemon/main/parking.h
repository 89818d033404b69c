/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Messages whose hold is over while their token is away: recorded by a worker of its own, since the
 * token's may all be waiting for it. While anything waits for a token, recorded, that token is
 * looked at twice a second, on its own workers, and what waits goes on when it is back; nothing is
 * asked while nothing waits.
 */

#include "daemon/main/daemon.h"

_checked_ int parking_new(struct daemon *daemon, struct parking **ret);
/* Runs the job that records one. -EBUSY where too many are being recorded, or too many of its peer:
 * it stays the caller's. */
_checked_ int parking_push(struct parking *parking, struct job *job);
/* Looks at all of it: the configuration is another. */
void parking_wake(struct parking *parking);
/* Goes on with nothing more; what is pushed is still taken. */
void parking_stop(struct parking *parking);
/* Waits for what runs; what was pushed and did not run is completed. Only after the tokens' workers
 * are gone. */
struct parking *parking_free(struct parking *parking);
