/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/storage.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/publication/storage-bring.h"
#include "daemon/flow/publication/storage-claim.h"
#include "daemon/flow/publication/storage-entries.h"
#include "daemon/ipc/fetch-client.h"
#include <stdlib.h>
#include <string.h>

static int record_target(struct flow *flow, const struct storage_task *task,
			 struct ca_target_record *record, int64_t now_s)
{
	struct store_change change = {
		.server = task->authority->conf->label, .now_s = now_s, .target = record};
	int r = store_commit(flow->store, &change);

	return r > 0 ? -EBUSY : r;
}

static int load_record(struct flow *flow, const struct storage_task *task,
		       struct ca_target_record *ret)
{
	const struct ca_target_record *found;
	struct ca_target_record *records = NULL;
	size_t n = 0;
	int r = store_targets_load(flow->store, task->authority->conf->label, &records, &n);

	if (r < 0)
		return r;
	*ret = (struct ca_target_record){.kind = task->target.kind, .file = task->target.file};
	found = ca_target_find(records, n, &task->target);
	if (found)
		*ret = TAKE_STRUCT(records[found - records]);
	ca_target_records_free(records, n);
	if (!ret->place)
		ret->place = strdup(task->target.place);
	return ret->place ? 0 : -ENOMEM;
}

static void log_outcome(const struct storage_task *task, bool had_failed, const char *reason)
{
	const struct log_field *fields = LOG_FIELDS(
		log_text("SERVER", task->authority->conf->label),
		log_text("TYPE", ca_file_ending(task->target.file)),
		log_text("PLACE", task->target.place), log_text("REASON", reason ? reason : ""),
		reason && !had_failed ? log_event(LOG_EVENT_PLACE_FAILED) : (struct log_field){});

	if (!reason && had_failed)
		log_notice(fields, "files can be written there again");
	else if (!reason)
		log_debug(fields, "files written");
	else if (!had_failed)
		log_warning(fields, "files can't be written there; it will be tried again");
	else
		log_debug(fields, "files can't be written there still");
}

/* @reason: NULL where all went well. */
static int settle(struct flow *flow, const struct storage_task *task,
		  struct ca_target_record *record, const char *reason, int64_t now_s)
{
	struct storage_entry *entry = task->entry_;
	bool had_failed = record->attempts;
	int r = 0;

	if (reason)
		r = ca_target_fail(record, place_is_near(task->target.place), reason, now_s);
	else
		ca_target_advance(record, record->done);
	pthread_mutex_lock(&flow->storage->lock);
	entry->is_tried = true;
	entry->is_checked = !reason;
	if (entry->is_wanted)
		storage_entry_set_failing(flow->storage, task->authority, entry, reason);
	pthread_mutex_unlock(&flow->storage->lock);
	log_outcome(task, had_failed, reason);
	return r < 0 ? r : record_target(flow, task, record, now_s);
}

static bool is_first(struct flow *flow, const struct storage_task *task)
{
	const struct storage_entry *entry = task->entry_;
	bool is_first;

	pthread_mutex_lock(&flow->storage->lock);
	is_first = !entry->is_checked;
	pthread_mutex_unlock(&flow->storage->lock);
	return is_first;
}

int storage_run(const struct storage_task *task, int64_t now_s)
{
	struct flow *flow = task->flow;
	_cleanup_(ca_target_record_done) struct ca_target_record record = {};
	_cleanup_(storage_places_done) struct storage_places places = {};
	_cleanup_(freep) char *reason = NULL;
	struct bringing bringing = {.flow = flow, .task = task, .record = &record, .now_s = now_s};
	int r;

	r = load_record(flow, task, &record);
	if (r >= 0)
		r = storage_places_of(flow, task->authority, &places);
	if (r < 0)
		return r;
	bringing.access = storage_access_of(flow, task->authority, task->target.kind);
	bringing.standard = places.places.standard;
	bringing.is_first = is_first(flow, task);
	r = storage_bring(&bringing, &reason);
	if (r >= 0 && reason && fetch_is_cancelled(flow->storage->canceller))
		r = -ECANCELED;
	if (r >= 0)
		r = settle(flow, task, &record, reason, now_s);
	return r < 0 ? r : bringing.is_full ? STORAGE_MORE : 0;
}

int storage_put(struct flow *flow, struct authority *authority, enum ca_file file, const char *name,
		struct span content, char **ret_reason)
{
	_cleanup_(storage_places_done) struct storage_places places = {};
	struct place_access access;
	const char *place;
	int r = storage_places_of(flow, authority, &places);

	if (r < 0)
		return r;
	access = storage_access_of(flow, authority, CA_TARGET_STORE);
	place = ca_places_store(&places.places, file);
	r = storage_claim(flow, authority, place, places.places.standard, ret_reason);
	if (!r)
		r = place_write(&access, place, name, content, ret_reason);
	return r > 0 ? FLOW_REFUSED : r;
}
