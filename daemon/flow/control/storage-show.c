/* SPDX-License-Identifier: Apache-2.0 */
/* Places as operators see them, and the end of a server's. */
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/publication/storage-claim.h"
#include "daemon/flow/publication/storage-entries.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *state_of(const struct ca_target_record *record,
			    const struct ca_target_facts *facts, int64_t now_s)
{
	int64_t when_s;

	if (record->attempts)
		return "failing";
	return ca_target_when(record, facts, now_s, &when_s) ? "behind" : "current";
}

static int show_one(void *context, storage_visit visit, const struct ca_target *target,
		    const struct ca_target_record *record, const struct ca_target_facts *facts,
		    int64_t now_s)
{
	const struct storage_view view = {
		.kind = target->kind == CA_TARGET_STORE ? "store" : "publish",
		.type = ca_file_ending(target->file),
		.place = target->place,
		.state = state_of(record, facts, now_s),
		.reason = record->reason ? record->reason : "",
		.since_s = record->first_failure_s,
		.next_try_s = record->next_try_s,
	};

	return visit(context, &view);
}

static int show_all(const struct ca_places *places, const struct ca_target_record *records,
		    size_t n, const struct ca_target_facts *facts, int64_t now_s,
		    storage_visit visit, void *context)
{
	struct ca_target targets[CA_TARGETS_MOST];
	size_t n_targets = ca_places_targets(places, targets);
	int r = 0;

	for (size_t i = 0; i < n_targets && !r; i++) {
		const struct ca_target_record *record = ca_target_find(records, n, &targets[i]);
		const struct ca_target_record fresh = {.file = targets[i].file};

		r = show_one(context, visit, &targets[i], record ? record : &fresh, facts, now_s);
	}
	return r;
}

int storage_show(struct flow *flow, struct authority *authority, int64_t now_s, storage_visit visit,
		 void *context)
{
	_cleanup_(storage_places_done) struct storage_places places = {};
	struct ca_target_record *records = NULL;
	struct ca_target_facts facts = {};
	size_t n = 0;
	int r = storage_places_of(flow, authority, &places);

	if (r < 0)
		return r;
	r = store_target_facts(flow->store, authority->conf->label, &facts);
	if (!r)
		r = store_targets_load(flow->store, authority->conf->label, &records, &n);
	if (r < 0)
		return r;
	r = show_all(&places.places, records, n, &facts, now_s, visit, context);
	ca_target_records_free(records, n);
	return r;
}

int storage_primary(struct flow *flow, const struct authority *authority, char **ret)
{
	_cleanup_(storage_places_done) struct storage_places places = {};
	int r = storage_places_of(flow, authority, &places);

	return r < 0 ? r
		     : text_format(ret, "%s",
				   places.places.store ? places.places.store : places.standard);
}

/* The serial file of a server that is no more says nothing about one that comes after it. */
static int put_aside(const char *directory, const char *label)
{
	_cleanup_(freep) char *owner = NULL, *serial = NULL, *aside = NULL;
	int r = text_format(&owner, "%s/" STORAGE_OWNER_FILE, directory);

	if (r >= 0)
		r = text_format(&serial, "%s/%s.ser", directory, label);
	if (r >= 0)
		r = text_format(&aside, "%s/%s.ser.deleted", directory, label);
	if (r < 0)
		return r;
	if (rename(serial, aside) < 0 && errno != ENOENT)
		return -errno;
	return unlink(owner) < 0 && errno != ENOENT ? -errno : 0;
}

void storage_leave(struct flow *flow, struct authority *authority)
{
	_cleanup_(storage_places_done) struct storage_places places = {};

	if (storage_places_of(flow, authority, &places) < 0)
		return;
	for (enum ca_file file = 0; file < CA_FILES_; file++) {
		const char *place = ca_places_store(&places.places, file);
		_cleanup_(freep) char *reason = NULL, *directory = NULL;

		if (!place_is_near(place) ||
		    storage_claim_held(flow, authority, place, "", &reason) != 0 ||
		    place_directory(place, &directory) < 0)
			continue;
		if (put_aside(directory, authority->conf->label) < 0)
			log_warning(LOG_FIELDS(log_text("SERVER", authority->conf->label),
					       log_text("PLACE", place)),
				    "files of the deleted server can't be put aside");
	}
	storage_forget(flow, authority->conf->label);
}
