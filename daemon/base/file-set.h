/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files that belong together, among others' in a directory, replaced as a whole: readers see all of
 * the old or all of the new, after a crash too. The files lie in a directory of this version,
 * `.SET~N`; `.SET` is a symbolic link to it, and each name one through that (`router.crt` →
 * `.SET/router.crt`). So the one rename of `.SET` changes all of them. What readers opened before
 * stays what it was.
 *
 * The directory may be writable by others of the same group, but never by all: nothing is written
 * through a link that was there before, and nothing replaced that is not ours.
 */

#include "daemon/base/bytes.h"

struct file_set_item {
	const char *name;
	struct span content;
};

struct file_set {
	const char *directory; /* there already */
	const char *name;      /* SET; no '/' and no '~' in it */
	const struct file_set_item *items;
	size_t n;
	/* Names that an earlier version may have had; what is not in items goes. NULL-ended. */
	const char *const *former;
};

enum file_set_outcome {
	FILE_SET_OPEN_TO_ALL = 1, /* anybody may write into the directory */
	FILE_SET_TAKEN = 2, /* one of the names is a link of somebody else's, or a directory */
};
/* Writes it durably; the files readable by all. 0, an outcome, -errno. Nothing of the old set is
 * changed where it returns another than 0, but for a crash between names that are new. Blocks for
 * the disk. */
_checked_ int file_set_write(const struct file_set *set);
/* Whether each of its names is there. */
bool file_set_is_there(const struct file_set *set);
/* Whether a set of this name was written there, whatever it has. */
bool file_set_stands(const struct file_set *set);
/* Takes all of @set's former names away, and what is behind them. 0, FILE_SET_OPEN_TO_ALL, -errno.
 */
_checked_ int file_set_remove(const struct file_set *set);
