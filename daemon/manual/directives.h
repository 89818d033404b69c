/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the lines @NAME WORD@ of a text stand for; each writes to @to, with the word behind its name
 * ("" where there is none). */

#include <stdio.h>

#define DIRECTIVE(name, write) void write(FILE *to, const char *word);
#include "daemon/manual/directives.def"
#undef DIRECTIVE
