/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of a request's target: path segments, and parameters as they came. Nothing is decoded
 * before it is asked for: in a message= a '+' is a '+'. Pure.
 */

#include "daemon/base/bytes.h"

struct target {
	struct span path; /* with its first '/' */
	struct span query;
};

/* Takes "/path?query" or "http://host/path?query" (RFC 9112 §3.2) apart. What has no path gets the
 * empty one. */
struct target target_split(struct span text);
/* The next segment of @path, still escaped; slashes before it, however many, are skipped. Empty at
 * the end. */
struct span target_next_segment(struct span *path);

/* The value of the first parameter @name, still escaped; false where there is none. */
bool query_find(struct span query, const char *name, struct span *ret);

/* Decodes %XX from @text into @out, which holds @room bytes. False where it does not fit or a '%'
 * is not followed by two hex digits. */
bool query_unescape(struct span text, uint8_t *out, size_t room, size_t *ret_size);
