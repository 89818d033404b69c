/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is so of one trustpoint, for the planner that says what is due of it. */

#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/trustpoint/planner.h"

/* What the planner is to know of @turn, whose state it borrows until the next commit. */
struct trustpoint_outlook {
	struct trustpoint_facts facts;
	/* What facts' members of these names point to. */
	int64_t *shared_keys;
	struct trustpoint_key_use *key_uses;
};
/* -errno. @ret is the caller's to let go of. */
_checked_ int trustpoint_outlook_load(struct trustpoint_turn *turn, struct trustpoint_outlook *ret);
void trustpoint_outlook_done(struct trustpoint_outlook *outlook);
