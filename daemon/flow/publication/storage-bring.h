/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How one target is brought up to date: its content made from the database and written, certificate
 * after certificate where there is a file for each. Inside storage.h; nobody else's.
 */

#include "daemon/flow/place.h"
#include "daemon/flow/publication/storage.h"

struct bringing {
	struct flow *flow;
	const struct storage_task *task;
	struct ca_target_record *record; /* `done` follows what was written */
	struct place_access access;
	const char *standard;
	int64_t now_s;
	bool is_first; /* since the start, or since something failed */
	bool is_full;  /* set where a whole page was written: there may be more */
};
/* At most a page of certificates: who finds more left comes again. 0, with *ret_reason (the
 * caller's) set where something could not be written; -errno. */
_checked_ int storage_bring(struct bringing *bringing, char **ret_reason);
