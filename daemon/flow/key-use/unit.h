/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which of some units a process belongs to, by the lists of processes that the kernel keeps for
 * each control group: /proc/PID/cgroup of others is not ours to read.
 *
 * A unit is looked for in slices alone, for only systemd makes groups there: what lies within a
 * service or a scope may be delegated, as a user's own manager is, and have any name. What lies
 * within the unit, in however many groups, belongs to it.
 */

#include "daemon/base/err.h"
#include <sys/types.h>

#define KEY_USE_UNIT_ROOT "/sys/fs/cgroup"

/*
 * @root     where control groups are mounted, unified or hybrid
 * @units    the @n names to choose from: "nginx.service"
 * @pid      as this process sees it; 0, of another namespace, belongs to none
 * @ret      one of @units, borrowed; NULL where it belongs to none of them
 * Returns 0, -errno; a group that goes meanwhile is none.
 */
_checked_ int key_use_unit_find(const char *root, const char *const *units, size_t n, pid_t pid,
				const char **ret);
