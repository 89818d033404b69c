/* SPDX-License-Identifier: Apache-2.0 */
/* Which targets have something to write by now: storage_plan(). */
#include "daemon/flow/publication/storage-claim.h"
#include "daemon/flow/publication/storage-entries.h"
#include <stdlib.h>
#include <string.h>

/* One server's turn in a plan. */
struct survey {
	struct flow *flow;
	struct storage *storage;
	struct authority *authority;
	struct ca_target targets[CA_TARGETS_MOST];
	size_t n_targets;
	struct ca_target_record *records;
	size_t n_records;
	struct ca_target_facts facts;
	int64_t now_s;
	struct storage_task **tasks;
	int64_t *next_s;
};

static int add_task(struct survey *survey, struct storage_entry *entry,
		    const struct ca_target *target)
{
	struct storage_task *task = calloc(1, sizeof(*task));

	if (!task)
		return -ENOMEM;
	*task = (struct storage_task){
		.next = *survey->tasks,
		.flow = flow_ref(survey->flow),
		.authority = survey->authority,
		.target = *target,
		.entry_ = entry,
	};
	task->target.place = entry->place;
	entry->in_hand = true;
	*survey->tasks = task;
	return 0;
}

/* Since the start each store is looked at once, and each place that failed is tried once. */
static bool is_due(struct survey *survey, const struct storage_entry *entry,
		   const struct ca_target_record *record)
{
	int64_t when_s;

	if (!ca_target_when(record, &survey->facts, survey->now_s, &when_s))
		return !entry->is_tried && entry->kind == CA_TARGET_STORE &&
		       ca_target_goal(entry->file, &survey->facts);
	if (!entry->is_tried || when_s <= survey->now_s)
		return true;
	if (when_s - survey->now_s < *survey->next_s)
		*survey->next_s = when_s - survey->now_s;
	return false;
}

static int survey_target(struct survey *survey, const struct ca_target *target)
{
	const struct ca_target_record fresh = {.kind = target->kind, .file = target->file};
	const struct ca_target_record *record =
		ca_target_find(survey->records, survey->n_records, target);
	struct storage_entry *entry =
		storage_entry_of(survey->storage, survey->authority->conf->label, target);

	if (!entry)
		return -ENOMEM;
	storage_entry_set_wanted(survey->storage, survey->authority, entry, target);
	/* What failed when the process before ended is taken to fail until it was tried. */
	if (record && record->attempts && !entry->is_tried && !entry->is_failing)
		storage_entry_set_failing(survey->storage, survey->authority, entry,
					  record->reason);
	if (entry->in_hand || !is_due(survey, entry, record ? record : &fresh))
		return 0;
	return add_task(survey, entry, target);
}

static bool is_wanted(const struct survey *survey, const struct storage_entry *entry)
{
	for (size_t i = 0; i < survey->n_targets; i++)
		if (storage_entry_is_of(entry, survey->authority->conf->label, &survey->targets[i]))
			return true;
	return false;
}

static int survey_all(struct survey *survey)
{
	const char *label = survey->authority->conf->label;
	int r = 0;

	pthread_mutex_lock(&survey->storage->lock);
	for (struct storage_entry *entry = survey->storage->entries; entry; entry = entry->next)
		if (entry->is_wanted && !strcmp(entry->label, label) && !is_wanted(survey, entry))
			storage_entry_set_wanted(survey->storage, survey->authority, entry, NULL);
	for (size_t i = 0; i < survey->n_targets && r >= 0; i++)
		r = survey_target(survey, &survey->targets[i]);
	pthread_mutex_unlock(&survey->storage->lock);
	return r;
}

static int plan_for(struct flow *flow, struct authority *authority, struct survey *survey)
{
	_cleanup_(storage_places_done) struct storage_places places = {};
	const char *label = authority->conf->label;
	int r = storage_places_of(flow, authority, &places);

	if (r < 0)
		return r;
	survey->authority = authority;
	survey->n_targets = ca_places_targets(&places.places, survey->targets);
	r = store_target_facts(flow->store, label, &survey->facts);
	if (r)
		return r < 0 ? r : 0; /* not created */
	r = store_targets_load(flow->store, label, &survey->records, &survey->n_records);
	if (r < 0)
		return r;
	r = survey_all(survey);
	ca_target_records_free(survey->records, survey->n_records);
	survey->records = NULL;
	return r;
}

int storage_plan(struct flow *flow, int64_t now_s, struct storage_task **ret, int64_t *ret_next_s)
{
	struct survey survey = {.flow = flow,
				.storage = flow->storage,
				.now_s = now_s,
				.tasks = ret,
				.next_s = ret_next_s};
	int r = 0;

	*ret = NULL;
	for (size_t i = 0; i < flow->conf->n_servers && r >= 0; i++)
		r = plan_for(flow, &flow->authorities[i], &survey);
	return r;
}

struct storage_task *storage_task_free(struct storage_task *task)
{
	struct storage *storage = task->flow->storage;
	struct storage_entry *entry = task->entry_;

	pthread_mutex_lock(&storage->lock);
	entry->in_hand = false;
	pthread_mutex_unlock(&storage->lock);
	flow_unref(task->flow);
	free(task);
	return NULL;
}
