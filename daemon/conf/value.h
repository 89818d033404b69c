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

/* Names of servers and tokens: 1…64 of A-Z a-z 0-9 . _ -, no dot first. They are parts of paths. */
#define CONF_LABEL_MAX 64
bool conf_is_label(struct span text);
