/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/target.h"
#include <stdlib.h>
#include <string.h>

void ca_target_record_done(struct ca_target_record *record)
{
	free(record->place);
	free(record->reason);
	*record = (struct ca_target_record){};
}

void ca_target_records_free(struct ca_target_record *records, size_t n)
{
	for (size_t i = 0; records && i < n; i++)
		ca_target_record_done(&records[i]);
	free(records);
}

const struct ca_target_record *ca_target_find(const struct ca_target_record *records, size_t n,
					      const struct ca_target *target)
{
	for (size_t i = 0; i < n; i++)
		if (records[i].kind == target->kind && records[i].file == target->file &&
		    !strcmp(records[i].place, target->place))
			return &records[i];
	return NULL;
}

static int64_t goal_of_certificates(const struct ca_target_facts *facts)
{
	return facts->certificate_id;
}

static int64_t goal_of_serials(const struct ca_target_facts *facts)
{
	return (int64_t)facts->last_counter;
}

static int64_t goal_of_crl(const struct ca_target_facts *facts)
{
	return facts->crl_changes;
}

int64_t ca_target_goal(enum ca_file file, const struct ca_target_facts *facts)
{
	static int64_t (*const goals[CA_FILES_])(const struct ca_target_facts *) = {
		[CA_FILE_SER] = goal_of_serials,
		[CA_FILE_CRL] = goal_of_crl,
		[CA_FILE_CRT] = goal_of_certificates,
		[CA_FILE_CNM] = goal_of_certificates,
	};

	assert((size_t)file < ELEMENTS(goals));
	return goals[file] ? goals[file](facts) : 0;
}

bool ca_target_when(const struct ca_target_record *record, const struct ca_target_facts *facts,
		    int64_t now_s, int64_t *ret_s)
{
	int64_t goal = ca_target_goal(record->file, facts);

	if (!goal || (record->done == goal && !record->attempts))
		return false;
	*ret_s = record->next_try_s > now_s + CA_TARGET_PAUSE_MOST_S ? now_s : record->next_try_s;
	return true;
}

/* 1, 2, 4 … */
static int64_t pause_s(unsigned attempts, int64_t most_s)
{
	int64_t pause = CA_TARGET_PAUSE_FIRST_S;

	for (unsigned i = 1; i < attempts && pause < most_s; i++)
		pause *= 2;
	return pause < most_s ? pause : most_s;
}

int ca_target_fail(struct ca_target_record *record, bool near, const char *reason, int64_t now_s)
{
	char *copy = strdup(reason);

	if (!copy)
		return -ENOMEM;
	free(record->reason);
	record->reason = copy;
	if (!record->attempts)
		record->first_failure_s = now_s;
	if (record->attempts < UINT16_MAX)
		record->attempts++;
	record->next_try_s = now_s + pause_s(record->attempts, near ? CA_TARGET_PAUSE_NEAR_S
								    : CA_TARGET_PAUSE_MOST_S);
	return 0;
}

void ca_target_advance(struct ca_target_record *record, int64_t done)
{
	free(record->reason);
	record->reason = NULL;
	record->done = done;
	record->attempts = 0;
	record->next_try_s = record->first_failure_s = 0;
}
