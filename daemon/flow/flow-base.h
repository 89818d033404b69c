/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "daemon/flow/flow.h"

/* What all snapshots of a process share. */
struct flow_base {
	unsigned references;
	unsigned snapshots; /* made so far */
	bool reloading;
	bool http_missing; /* atomic */
	struct store *store;
	struct claims *claims;
	struct storage *storage;
	struct guesses *guesses;
	struct witness *witness;
	struct notice_traps *traps;
	struct proposals *proposals;
	struct fetch_canceller *canceller;
	struct key_use_keys *key_use_keys;
	struct key_use_tally *key_use_tally;
	struct time_seen time_seen;
	char *public_directory;
	unsigned trustpoint_changes;	      /* atomic */
	void (*free)(struct flow_base *base); /* by whom it was made (snapshot.c) */
};

/* Gives a reference back. NULL is fine. */
void flow_base_unref(struct flow_base *base);
