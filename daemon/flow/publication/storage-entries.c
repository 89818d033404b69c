/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/storage-entries.h"
#include "daemon/flow/failures.h"
#include "daemon/ipc/fetch-client.h"
#include <stdlib.h>
#include <string.h>

int storage_new(struct storage **ret)
{
	struct storage *storage = calloc(1, sizeof(*storage));

	if (!storage || fetch_canceller_new(&storage->canceller) < 0) {
		free(storage);
		return -ENOMEM;
	}
	pthread_mutex_init(&storage->lock, NULL);
	*ret = storage;
	return 0;
}

static struct storage_entry *entry_free(struct storage_entry *entry)
{
	free(entry->label);
	free(entry->place);
	free(entry);
	return NULL;
}

struct storage *storage_free(struct storage *storage)
{
	struct storage_entry *next;

	if (!storage)
		return NULL;
	for (struct storage_entry *entry = storage->entries; entry; entry = next) {
		next = entry->next;
		entry_free(entry);
	}
	fetch_canceller_free(storage->canceller);
	pthread_mutex_destroy(&storage->lock);
	free(storage);
	return NULL;
}

void storage_forget(struct flow *flow, const char *label)
{
	pthread_mutex_lock(&flow->storage->lock);
	for (struct storage_entry *entry = flow->storage->entries; entry; entry = entry->next)
		if (!strcmp(entry->label, label))
			entry->is_tried = entry->is_checked = entry->is_failing = false;
	pthread_mutex_unlock(&flow->storage->lock);
}

void storage_cancel(struct flow *flow)
{
	fetch_cancel(flow->storage->canceller);
}

struct fetch_canceller *storage_canceller(struct flow *flow)
{
	return flow->storage->canceller;
}

bool storage_entry_is_of(const struct storage_entry *entry, const char *label,
			 const struct ca_target *target)
{
	return entry->kind == target->kind && entry->file == target->file &&
	       !strcmp(entry->label, label) && !strcmp(entry->place, target->place);
}

struct storage_entry *storage_entry_of(struct storage *storage, const char *label,
				       const struct ca_target *target)
{
	struct storage_entry *entry;

	for (entry = storage->entries; entry; entry = entry->next)
		if (storage_entry_is_of(entry, label, target))
			return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	*entry = (struct storage_entry){.next = storage->entries,
					.label = strdup(label),
					.place = strdup(target->place),
					.kind = target->kind,
					.file = target->file};
	if (!entry->label || !entry->place)
		return entry_free(entry);
	storage->entries = entry;
	return entry;
}

/* What becomes of the server, by what became of the target. */
static const struct {
	bool stops;
	enum failure kind;
} failures_of[] = {
	[CA_TARGET_WARNS] = {.stops = false},
	[CA_TARGET_STOPS_STORAGE] = {true, FAILURE_STORAGE},
	[CA_TARGET_STOPS_CRL] = {true, FAILURE_CRL_PUBLICATION},
	[CA_TARGET_STOPS_CERTIFICATES] = {true, FAILURE_PUBLICATION},
};

static bool has_failing(const struct storage *storage, const char *label,
			enum ca_target_failure failure)
{
	for (const struct storage_entry *entry = storage->entries; entry; entry = entry->next)
		if (entry->is_failing && entry->failure == failure && !strcmp(entry->label, label))
			return true;
	return false;
}

void storage_entry_set_failing(struct storage *storage, struct authority *authority,
			       struct storage_entry *entry, const char *reason)
{
	entry->is_failing = reason != NULL;
	if (!failures_of[entry->failure].stops)
		return;
	if (reason)
		failures_note(authority, failures_of[entry->failure].kind, reason);
	else if (!has_failing(storage, entry->label, entry->failure))
		failures_clear(authority, failures_of[entry->failure].kind);
}

void storage_entry_set_wanted(struct storage *storage, struct authority *authority,
			      struct storage_entry *entry, const struct ca_target *target)
{
	enum ca_target_failure before = entry->failure;

	entry->is_wanted = target != NULL;
	if (target && target->failure == before)
		return;
	if (entry->is_failing) {
		storage_entry_set_failing(storage, authority, entry, NULL);
		entry->is_tried = false;
	}
	if (target)
		entry->failure = target->failure;
}
