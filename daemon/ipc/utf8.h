/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether bytes are text, which our processes ask of each other: well-formed UTF-8 (Unicode 15,
 * table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF) without a NUL, so that a text
 * may go to a log, a JSON string or a C string as it is.
 */

#include "daemon/base/bytes.h"

bool utf8_is_text(struct span s);
/* How many bytes of @s, at most @most, can be kept without cutting a character in two. */
size_t utf8_fit(struct span s, size_t most);
/* Puts a question mark for each byte that keeps @data from being such a text. */
void utf8_mend(char *data, size_t size);
