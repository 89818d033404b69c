/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Durations as the configuration writes them: parts like 30s, 5m (or min), 24h, 7d, 2w, added up,
 * blanks between them free ("1d 12h").
 */

#include "daemon/base/bytes.h"

/* Seconds. A bare number, alone, counts in @unit ("s", "h", "d"). -EINVAL; -ERANGE past a hundred
 * years. */
_checked_ int conf_read_duration(struct span text, const char *unit, int64_t *ret_s);

/* The plainest text of @duration_s: a whole number of @unit where it is one ("168h"), else its
 * parts ("1d 2h"). Appended. */
void conf_write_duration(struct buffer *out, const char *unit, int64_t duration_s);
