/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tells a unit of systemd's to read its files again. Reloaded, never restarted: a restart would cut
 * what goes through it, and what can't be reloaded an operator has to see. The system bus asks
 * polkit, whose rule lists the units (policy/site).
 */

#include "daemon/base/err.h"

#define UNIT_RELOAD_PATIENCE_S 30

enum unit_reload_outcome { UNIT_RELOAD_FAILED = 1 };
/*
 * Waits for the end of the reload, at most UNIT_RELOAD_PATIENCE_S. 0; also where the unit doesn't
 * run, for it reads its files when it starts. UNIT_RELOAD_FAILED with *ret_reason, the caller's,
 * which says what to do; -ENOMEM. Not on a thread with an event loop of its own.
 */
_checked_ int unit_reload(const char *unit, char **ret_reason);
