/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text as man(7) takes it. */

#include <stdio.h>

/* Plain text on one line: what would be markup comes out as itself, what is no ASCII by its code.
 */
void roff_text(FILE *to, const char *text);
/* A paragraph with this tag in bold; its text follows. */
void roff_item(FILE *to, const char *tag);
