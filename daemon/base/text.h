/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text forms of bytes, both ways, and foreign text made safe to print.
 */

#include "daemon/base/bytes.h"

/* Hex, appended. Upper case as IOS prints fingerprints, lower case for our own identifiers. */
void text_append_hex(struct buffer *out, struct span data, bool upper);
/* Hex digits to bytes; an even number of them and nothing else. -EINVAL. */
_checked_ int text_read_hex(struct span text, struct bytes *ret);

/* Base64 (RFC 4648 §4), one line, padded; appended. */
void text_append_base64(struct buffer *out, struct span data);
/*
 * Every spelling of base64 that clients were seen to send: the standard and the URL-safe alphabet
 * mixed, line breaks and blanks between, a '+' that arrived as a blank, padding or none.
 * @blank_is_plus tells whether a blank means '+' (a query string) or nothing (a body).
 * -EINVAL where it is none of them.
 */
_checked_ int text_read_base64(struct span text, bool blank_is_plus, struct bytes *ret);

/* PEM (RFC 7468), lines of 64. */
void text_append_pem(struct buffer *out, const char *label, struct span der);
/* The first block of this label; -ENOENT where there is none, -EINVAL where it is damaged. */
_checked_ int text_read_pem(struct span text, const char *label, struct bytes *ret);

/* Foreign text for logs and terminals: control characters, quotes, backslashes and what is no UTF-8
 * come out as \xNN. */
void text_append_escaped(struct buffer *out, struct span text);
/* The same by single steps, for writers that have no memory to ask for. How many bytes at the
 * beginning come out as they are: ASCII that means nothing to anybody. */
size_t text_plain_size(struct span text);
/* Takes the first character off @text, which is not empty, and gives its safe form, NUL-ended, of
 * at most 4 bytes. */
void text_escape_next(struct span *text, char ret[static 5]);

/* Whether it is printable ASCII without a blank, or nothing. */
bool text_is_graphic(struct span text);

/* A decimal number of @min…@max, nothing around it. -EINVAL, -ERANGE. */
_checked_ int text_read_number(struct span text, int64_t min, int64_t max, int64_t *ret);

/* "Oct  8 12:14:16 2017 GMT"-like for people: RFC 3339, "2017-10-08T12:14:16Z". @ret holds 32
 * bytes. */
const char *text_format_time(int64_t time_s, char ret[static 32]);
/* The same, read; a day alone is its beginning. UTC, years 1970 to 9999. -EINVAL. */
_checked_ int text_read_time(const char *text, int64_t *ret_s);
