/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The only file that reads a clock; a test forbids it elsewhere. Decisions take `now_s` as a
 * parameter; programs ask here once per event and hand it down.
 *
 * Where CLAVIGER_TEST_CLOCK is compiled in, clock_use_file() makes clock_now_s() read a decimal
 * number of seconds from a file at each call, and clock_directory() tells where that changes.
 */

#include "daemon/base/err.h"

/* Civil time, seconds since 1970. */
int64_t clock_now_s(void);
/* For deadlines and rates; never set back, counts suspended time. */
int64_t clock_monotonic_ms(void);

/* Whether the kernel says its time is synchronised (adjtimex, STA_UNSYNC clear). */
bool clock_is_synchronised(void);

/* -ENOTSUP in builds without the test clock; -errno where the file can't be read. */
_checked_ int clock_use_file(const char *path);
/* To be watched for files that are written or moved there: one of them is the test clock's. NULL
 * without. */
const char *clock_directory(void);
