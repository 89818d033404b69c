/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/head-set.h"
#include <stdlib.h>
#include <string.h>

#define FIRST 1024 /* places; a power of two, as all sizes are */

void head_set_done(struct head_set *set)
{
	free(set->entries);
	*set = (struct head_set){};
}

/* Where it stands, or would; hashes are as good as random. There is always a free place. */
static struct head_entry *place_of(const struct head_set *set,
				   const uint8_t head[static SHA256_SIZE])
{
	size_t i;

	memcpy(&i, head, sizeof(i));
	for (i &= set->capacity - 1; set->entries[i].number; i = (i + 1) & (set->capacity - 1))
		if (!memcmp(set->entries[i].head, head, SHA256_SIZE))
			break;
	return &set->entries[i];
}

static int grow(struct head_set *set)
{
	struct head_set larger = {.n = set->n,
				  .capacity = set->capacity ? set->capacity * 2 : FIRST};

	larger.entries = calloc(larger.capacity, sizeof(*larger.entries));
	if (!larger.entries)
		return -ENOMEM;
	for (size_t i = 0; i < set->capacity; i++)
		if (set->entries[i].number)
			*place_of(&larger, set->entries[i].head) = set->entries[i];
	free(set->entries);
	*set = larger;
	return 0;
}

int head_set_add(struct head_set *set, const uint8_t head[static SHA256_SIZE], int64_t number)
{
	struct head_entry *entry;

	assert(number);
	if (head_set_find(set, head))
		return 0;
	if (set->n == HEAD_SET_MOST)
		return -ENOSPC;
	if (set->n * 4 >= set->capacity * 3 && grow(set) < 0)
		return -ENOMEM;
	entry = place_of(set, head);
	memcpy(entry->head, head, SHA256_SIZE);
	entry->number = number;
	set->n++;
	return 0;
}

struct head_entry *head_set_find(struct head_set *set, const uint8_t head[static SHA256_SIZE])
{
	struct head_entry *entry = set->capacity ? place_of(set, head) : NULL;

	return entry && entry->number ? entry : NULL;
}
