/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What answers are printed of: values and lines of text. What foreigners wrote is never printed as
 * it came. */

#include "daemon/base/bytes.h"
#include <jansson.h>

/* Foreign text as a terminal may have it: as text_append_escaped(), but quotes stay, since
 * sentences have them. */
void print_append(struct buffer *out, struct span text);

/* A value on one line, at least @width wide; texts escaped. */
void print_value(const json_t *value, int width);
/* "    title: value" of a member. */
void print_member(const char *title, const json_t *object, const char *member);
/* @title as it is, and foreign text. */
void print_line(const char *title, const char *foreign);

/* Each of a list, an empty line between; where there is none @otherwise, NULL for nothing. */
void print_list(const json_t *list, void (*print)(const json_t *item), const char *otherwise);

/* A member's text, which the object has; "" where it is none. */
const char *print_text_of(const json_t *object, const char *member);
