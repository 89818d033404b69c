/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "daemon/base/log.h"

const char *log_level_name(enum log_level level);
/* Whether a line of this urgency with these fields is written. Thread-safe. */
bool log_is_wanted(enum log_level level, const struct log_field *fields);
