/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files with keys, named as routers name them: NAME.pub and NAME.prv, for usage keys NAME-sign.pub
 * and so on. */

#include "daemon/cli/key-words.h"

#define KEY_FILES_MOST 32768 /* bytes of a key, with its certificates */

/* What the words name, of this usage: files, a pair of them, or the terminal up to a line "quit".
 * Appended to @content, which may be larger than KEY_FILES_MOST then. -errno, printed where it is
 * of a file. */
_checked_ int key_files_read(const struct key_words *words, int usage, struct buffer *content);
/* Writes BASE.ENDING of this usage, whole or not at all. -errno, printed as what was written is. */
_checked_ int key_files_write(const char *base, int usage, const char *ending, struct span content,
			      mode_t mode);
