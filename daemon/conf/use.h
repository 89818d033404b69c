/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which keys a [Use] section speaks of. Its Key= is a trustpoint's name, and then means the key or
 * the two usage keys of that, whatever they are labelled; else it is a key's label. Pure but for
 * the heap.
 */

#include "daemon/conf/conf.h"

/* 1 where @use speaks of the keys with this label, trailing `#` or not, else 0; -ENOMEM. */
_checked_ int conf_use_is_of(const struct conf *conf, const struct conf_use *use,
			     const char *label);
