/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whole files, read with a limit and written so that a crash leaves the old or the new one.
 */

#include "daemon/base/bytes.h"
#include <sys/types.h>

/* Opens a regular file to be read, without waiting. -EINVAL where it is a pipe or a device (nobody
 * waits for what those give), -EISDIR; else -errno. */
_checked_ int file_open(const char *path, int *ret_fd);
/* Reads a regular file of at most @limit bytes. -EFBIG where it is larger, else as file_open(). */
_checked_ int file_read(const char *path, size_t limit, struct bytes *ret);
/* The same into locked memory, a trailing line break dropped; refuses (-EPERM) what others may
 * read. */
_checked_ int file_read_secret(const char *path, size_t limit, struct secret *ret);
/* A hidden temporary file beside it, fsync, rename, fsync of the directory. -EINVAL where @path is
 * a pipe or a device, or names one (/dev/stdout): a file would take its place. */
_checked_ int file_write_atomically(const char *path, struct span content, mode_t mode);
/* What these three came to (-errno) for people; constant. */
const char *file_error_text(int error);
/* Makes @path and its parents with @mode; what exists already is left as it is. */
_checked_ int directory_make(const char *path, mode_t mode);
_checked_ int directory_sync(const char *path);
/* The folder @name in the one that @parent is open on, with the files in it; one that has folders
 * stays, with what can't be removed. */
void directory_remove_flat(int parent, const char *name);
/* printf into a heap text; -ENOMEM. */
_printf_(2, 3) _checked_ int text_format(char **ret, const char *format, ...);
