/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF), and
 * of which characters. What each caller lets in beyond that is its own.
 */

#include "daemon/base/bytes.h"

/* Bytes of the character that @text begins with, 1…4, and in @ret that character; 0 where it begins
 * with none, or is empty. */
size_t utf8_decode(struct span text, uint32_t *ret);

/* UTF-8 without a NUL, so that it may go to a log, a JSON string or a C string as it is. */
bool utf8_is_text(struct span text);
/* How many bytes of such a text, at most @most, can be kept without cutting a character in two. */
size_t utf8_fit(struct span text, size_t most);
/* Puts a question mark for each byte that keeps @data from being such a text. */
void utf8_mend(char *data, size_t size);
