/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a server's configuration holds it to from now on, as the database takes it. */

#include "daemon/flow/flow.h"

struct recorded {
	struct conf_recorded *options;
	struct store_setting *settings;
	size_t n;
};
void recorded_done(struct recorded *recorded);

/* @at_start: of a server that is enabled, else of one that is made. -ENOMEM. */
_checked_ int recorded_of(const struct authority *authority, const struct generations *generations,
			  bool at_start, struct recorded *ret);
