/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this process knows of each target: who has it in hand, whether it was tried, whether it
 * fails. What fails disables its server or does not (failures.h). Inside storage.h; nobody else's.
 */

#include "daemon/flow/publication/storage.h"

/* Entries are few and never go away but with the process. */
struct storage_entry {
	struct storage_entry *next;
	char *label, *place;
	enum ca_target_kind kind;
	enum ca_file file;
	enum ca_target_failure failure;
	bool in_hand;	 /* a task is under way */
	bool is_tried;	 /* since the start */
	bool is_checked; /* what is there was looked at, and nothing failed since */
	bool is_wanted;	 /* the configuration has it */
	bool is_failing;
};

struct storage {
	struct fetch_canceller *canceller;
	pthread_mutex_t lock; /* of the entries and of all that they say */
	struct storage_entry *entries;
};

/* As if this process had just started with this server. */
void storage_forget(struct flow *flow, const char *label);

/* All below with the lock held. */

bool storage_entry_is_of(const struct storage_entry *entry, const char *label,
			 const struct ca_target *target);
/* The entry of @target, made where there is none yet; NULL where memory is short. Borrowed. */
struct storage_entry *storage_entry_of(struct storage *storage, const char *label,
				       const struct ca_target *target);
/* It fails for @reason, or (NULL) no more; its server is told where that stops it. */
void storage_entry_set_failing(struct storage *storage, struct authority *authority,
			       struct storage_entry *entry, const char *reason);
/* As the configuration has it, or (NULL) no more: then it keeps nobody disabled; nor does one that
 * may fail now. */
void storage_entry_set_wanted(struct storage *storage, struct authority *authority,
			      struct storage_entry *entry, const struct ca_target *target);
