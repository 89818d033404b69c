/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A test's tool that finds its world broken ends at once and says where; what a server answers is
 * never such an end, it is counted.
 */

#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			must_fail(__FILE__, __LINE__, #condition);                                 \
	} while (0)

static inline _Noreturn void must_fail(const char *file, int line, const char *condition)
{
	(void)fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
	exit(1);
}
