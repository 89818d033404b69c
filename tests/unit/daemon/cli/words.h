/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A line taken apart as a shell would hand it over, for the tests of this folder. */

#include "daemon/base/err.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct words {
	char text[256];
	char *at[33]; /* into text; NULL after the last one */
	int n;
};

/* The words of @line, one blank between each two. @ret stays where it is: it points into itself. */
static inline void words_split(const char *line, struct words *ret)
{
	char *rest = ret->text;

	assert_in_range(snprintf(ret->text, sizeof(ret->text), "%s", line), 0,
			sizeof(ret->text) - 1);
	ret->n = 0;
	while ((ret->at[ret->n] = strsep(&rest, " "))) {
		ret->n++;
		assert_in_range(ret->n, 0, ELEMENTS(ret->at) - 1);
	}
}
