/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Values of options: from text to the member they fill, one reader per kind. Pure but for the heap.
 */

#include "daemon/base/bytes.h"
#include "daemon/conf/option.h"

/*
 * Reads @text as @option's kind, within its range, into @member (the option's member in its
 * section's struct; what it held before is freed). Lists append; an empty text sets the default.
 *
 * @why  receives one line that says what is wrong and what would be right; only for
 *       CONF_VALUE_WRONG
 * Returns 0; CONF_VALUE_WRONG, @member untouched; -ENOMEM.
 */
enum conf_value_outcome { CONF_VALUE_WRONG = 1 };
_checked_ int conf_value_read(const struct conf_option *option, struct span text, void *member,
			      struct buffer *why);
/* Sets the default, freeing what was there. -ENOMEM. */
_checked_ int conf_value_reset(const struct conf_option *option, void *member);
/* Frees what @member owns and zeroes it. */
void conf_value_done(const struct conf_option *option, void *member);

/*
 * The way back: how many lines Name=value say what @member holds (a list: one an item; 0 where
 * nothing is set and there is no default), and the value of line @i, in its plainest form.
 */
size_t conf_value_count(const struct conf_option *option, const void *member);
void conf_value_write(const struct conf_option *option, const void *member, size_t i,
		      struct buffer *out);
/* All of them, a line break between: equal texts are equal values. */
void conf_value_write_all(const struct conf_option *option, const void *member, struct buffer *out);
/* 1 where @member holds what it would if nobody had set it, else 0; -ENOMEM. */
_checked_ int conf_value_is_default(const struct conf_option *option, const void *member);

/* Names of servers and tokens: 1…64 of A-Z a-z 0-9 . _ -, no dot first. They are parts of paths. */
#define CONF_LABEL_MAX 64
bool conf_is_label(struct span text);
