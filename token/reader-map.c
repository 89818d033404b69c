/* SPDX-License-Identifier: Apache-2.0 */
#include "token/reader-map.h"
#include <stdio.h>
#include <string.h>

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* CK_SLOT_INFO has room for so much. */
#define DESCRIPTION_SIZE 64
#define CUT_MARK	 "..."

/* A name that is too long is cut; some modules show that. */
static bool is_named(const struct hsm_slot *slot, const struct reader *reader)
{
	size_t size = strlen(slot->description);

	if (strcmp(slot->description, reader->name) == 0)
		return true;
	if (size < DESCRIPTION_SIZE - 1 || strlen(reader->name) <= size)
		return false;
	if (strcmp(slot->description + size - strlen(CUT_MARK), CUT_MARK) == 0)
		size -= strlen(CUT_MARK);
	return strncmp(slot->description, reader->name, size) == 0;
}

const struct reader *reader_map_of_slot(const struct readers_view *view,
					const struct hsm_slot *slot)
{
	for (size_t i = 0; i < view->n; i++) {
		if (is_named(slot, &view->items[i]))
			return &view->items[i];
	}
	return NULL;
}

bool reader_map_allows(const char *wanted, const struct readers_view *view,
		       const struct hsm_slot *slot)
{
	const struct reader *reader = reader_map_of_slot(view, slot);

	return !wanted || !reader || begins_with(reader->name, wanted);
}

void reader_map_learn(struct reader_map *map, const struct readers_view *view,
		      const struct hsm_slot *slot)
{
	const struct reader *reader = reader_map_of_slot(view, slot);

	/* Without pcscd nothing is learnt, and nothing forgotten. */
	if (!reader && view->service != READERS_THERE)
		return;
	*map = (struct reader_map){0};
	(void)snprintf(map->serial, sizeof(map->serial), "%s", slot->serial);
	if (reader)
		(void)snprintf(map->reader, sizeof(map->reader), "%s", reader->name);
}

static const struct reader *find_name(const struct readers_view *view, const char *name)
{
	for (size_t i = 0; i < view->n; i++) {
		if (strcmp(view->items[i].name, name) == 0)
			return &view->items[i];
	}
	return NULL;
}

/* The only one whose name begins so. */
static const struct reader *find_only(const struct readers_view *view, const char *wanted)
{
	const struct reader *found = NULL;

	for (size_t i = 0; i < view->n; i++) {
		if (!begins_with(view->items[i].name, wanted))
			continue;
		if (found)
			return NULL;
		found = &view->items[i];
	}
	return found;
}

const struct reader *reader_map_ours(const struct reader_map *map, const char *wanted,
				     const struct readers_view *view)
{
	const struct reader *reader = NULL;

	if (wanted) {
		reader = find_name(view, wanted);
		if (!reader)
			reader = find_only(view, wanted);
	}
	if (!reader && map->reader[0] && (!wanted || begins_with(map->reader, wanted)))
		reader = find_name(view, map->reader);
	return reader;
}

static bool shows_token(const struct readers_view *view, const struct hsm_slots *slots,
			const struct reader *reader)
{
	for (size_t i = 0; i < slots->n; i++) {
		if (reader_map_of_slot(view, &slots->items[i]) == reader)
			return true;
	}
	return false;
}

static enum reader_finding judge_reader(const struct reader *reader,
					const struct readers_view *view,
					const struct hsm_slots *slots)
{
	if (!reader->has_card)
		return READER_FINDING_NO_CARD;
	return shows_token(view, slots, reader) ? READER_FINDING_OTHER : READER_FINDING_UNREAD;
}

/* A token whose reader is not known may be in any of them; another token there means nothing. */
static enum reader_finding judge_all(const char *wanted, const struct readers_view *view,
				     const struct hsm_slots *slots,
				     const struct reader **ret_reader)
{
	unsigned readers = 0, others = 0;

	for (size_t i = 0; i < view->n; i++) {
		const struct reader *reader = &view->items[i];
		enum reader_finding finding = judge_reader(reader, view, slots);

		if (wanted && !begins_with(reader->name, wanted))
			continue;
		if (finding == READER_FINDING_UNREAD) {
			*ret_reader = reader;
			return finding;
		}
		readers++;
		others += finding == READER_FINDING_OTHER;
	}
	if (readers == 0)
		return READER_FINDING_NO_READER;
	return others ? READER_FINDING_NONE : READER_FINDING_NO_CARD;
}

enum reader_finding reader_map_judge(const struct reader_map *map, const char *wanted,
				     const struct readers_view *view, const struct hsm_slots *slots,
				     const struct reader **ret_reader)
{
	const struct reader *reader;

	*ret_reader = NULL;
	if (view->service == READERS_AWAY)
		return READER_FINDING_NO_SERVICE;
	if (view->service != READERS_THERE)
		return READER_FINDING_NONE;
	reader = reader_map_ours(map, wanted, view);
	if (!reader)
		return judge_all(wanted, view, slots, ret_reader);
	*ret_reader = reader;
	return judge_reader(reader, view, slots);
}

static bool is_same_reader(const struct reader *a, const struct reader *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a->name, b->name) == 0 && a->has_card == b->has_card &&
	       a->events == b->events;
}

/* Whether a card is somewhere where none was, or another one is. */
static bool has_come(const struct readers_view *before, const struct readers_view *after)
{
	if (before->service != READERS_THERE && after->service == READERS_THERE)
		return true;
	for (size_t i = 0; i < after->n; i++) {
		const struct reader *reader = &after->items[i];

		if (reader->has_card && !is_same_reader(find_name(before, reader->name), reader))
			return true;
	}
	return false;
}

bool reader_map_is_news(const struct reader_map *map, const char *wanted, bool open,
			const struct readers_view *before, const struct readers_view *after)
{
	if (!open)
		return has_come(before, after) || before->service != after->service;
	if (before->service != READERS_THERE)
		return false;
	return after->service != READERS_THERE ||
	       !is_same_reader(reader_map_ours(map, wanted, before),
			       reader_map_ours(map, wanted, after));
}
