/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sees that the audit's head reaches a token's process soon after each record, and that checkpoints
 * are made: one round of flow_audit_upkeep() at a time, on a worker.
 */

#include "daemon/main/daemon.h"

struct audit_timer;

/* Begins with a round at once. -errno. */
_checked_ int audit_timer_new(struct daemon *daemon, struct audit_timer **ret);
/* No more rounds; one that is under way may end. */
void audit_timer_stop(struct audit_timer *timer);
/* No round may be under way. */
struct audit_timer *audit_timer_free(struct audit_timer *timer);
/* A round soon: the clock was set. On the event loop alone; accepts NULL. */
void audit_timer_wake(struct audit_timer *timer);
