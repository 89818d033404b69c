/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the writer and the reader of the log of signatures have in common. */

#include "token/signature-log.h"

#define SIGNATURE_LINE_MOST 8192 /* bytes of a line, and more than any is */

int signature_log_fd(const struct signature_log *log);
/* The number that a line begins with; -EBADMSG, -EINVAL, -ERANGE. */
_checked_ int signature_line_number(struct span line, int64_t *ret);
