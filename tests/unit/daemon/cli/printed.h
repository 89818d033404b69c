/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a function prints of an answer, for the tests of this folder. */

#include "daemon/base/err.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char output[8192];

/* What a function prints of this JSON, in `output`. */
static inline void print(void (*function)(const json_t *answer), const char *text)
{
	json_t *answer = json_loads(text, 0, NULL);
	int terminal = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	size_t n;

	assert_non_null(answer);
	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	function(answer);
	fflush(stdout);
	dup2(terminal, STDOUT_FILENO);
	close(terminal);
	rewind(file);
	n = fread(output, 1, sizeof(output) - 1, file);
	output[n] = '\0';
	fclose(file);
	json_decref(answer);
}

static inline bool says(const char *text)
{
	return strstr(output, text);
}
