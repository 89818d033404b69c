/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Points at which a build for tests ends this process at once, as a crash would (SIGKILL), to show
 * that none between two effects loses anything. Nothing in a release.
 */

enum crash_point {
#define CRASH(name, text) CRASH_##name,
#include "daemon/base/crash.def"
	CRASH_POINTS_
};

#ifdef CLAVIGER_TEST_CLOCK
/* The file that names the point to end at, if it is there; it is removed then, so that the next
 * process goes past. Set once, before there are threads; NULL for none. */
void crash_use_file(const char *path);
void crash_here(enum crash_point point);
#else
static inline void crash_here(enum crash_point point)
{
	(void)point;
}
#endif
