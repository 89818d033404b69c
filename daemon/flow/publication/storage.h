/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files that a server keeps beside its database (Store=) and the copies that it publishes
 * elsewhere (Publish.TYPE=). All of them follow from the database: a target is brought up to date
 * from where its cursor stands, whenever something is missing there. Each target goes by itself, on
 * a worker of main's; a dead one delays neither the others nor an enrolment.
 *
 * What can't be written to a store disables its server (failures.h) until it can; what can't be
 * published does what PublishFailure= says.
 */

#include "daemon/ca/places.h"
#include "daemon/flow/flow.h"

/* What this process knows of its targets: which are in hand, which failed. */
struct storage;
_checked_ int storage_new(struct storage **ret);
struct storage *storage_free(struct storage *storage);
/* Ends what waits for a server elsewhere, and every such try from here on: clavigerd ends. */
void storage_cancel(struct flow *flow);
struct fetch_canceller *storage_canceller(struct flow *flow);

/* One target that is in hand, from storage_plan() to storage_task_free(). */
struct storage_task {
	struct storage_task *next;
	struct flow *flow; /* the snapshot that it was planned in */
	struct authority *authority;
	struct ca_target target;
	void *entry_;
};
struct storage_task *storage_task_free(struct storage_task *task);

/*
 * Looks over all servers: every target with something to write by now, that nobody has in hand,
 * becomes a task of the list @ret (NULL: none). @ret_next_s: in how many seconds to look again,
 * where no task's end and no change comes before; untouched where nothing is coming. -errno.
 */
_checked_ int storage_plan(struct flow *flow, int64_t now_s, struct storage_task **ret,
			   int64_t *ret_next_s);
enum storage_outcome {
	STORAGE_MORE = 1, /* a page was written, and there is another */
};
/* Brings it up to date, or one page nearer. Failures are noted, recorded and logged here. 0,
 * STORAGE_MORE; -errno where not even that could be done. Blocks. */
_checked_ int storage_run(const struct storage_task *task, int64_t now_s);

/* Puts a file that is made once (an archive) where this server keeps its type, now. 0; FLOW_REFUSED
 * with *ret_reason, the caller's; -errno. Blocks. */
_checked_ int storage_put(struct flow *flow, struct authority *authority, enum ca_file file,
			  const char *name, struct span content, char **ret_reason);

/* One target as it stands: "store" or "publish"; "current", "behind" (about to be written) or
 * "failing" since when and why, and when it is tried next. */
struct storage_view {
	const char *kind, *type, *place, *state, *reason;
	int64_t since_s, next_try_s;
};
/* Borrowed for the call; another value than 0 ends it and is handed on. */
typedef int (*storage_visit)(void *context, const struct storage_view *view);
/* Each target that the configuration has. -errno. */
_checked_ int storage_show(struct flow *flow, struct authority *authority, int64_t now_s,
			   storage_visit visit, void *context);
/* Where all is kept that has no place of its own. -ENOMEM. */
_checked_ int storage_primary(struct flow *flow, const struct authority *authority, char **ret);

/* A server was deleted: its places on this machine are nobody's, its serial file is put aside there
 * (LABEL.ser.deleted), all other files stay. Before its generations are loaded anew, with its
 * CLAIM_STORE held over both: else what is in hand would take the places again for it. */
void storage_leave(struct flow *flow, struct authority *authority);
