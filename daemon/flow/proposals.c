/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/proposals.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct proposals {
	pthread_mutex_t lock;
	struct proposal items[PROPOSALS_MOST]; /* the oldest first */
	size_t n;
};

int proposals_new(struct proposals **ret)
{
	struct proposals *proposals = calloc(1, sizeof(*proposals));

	if (!proposals)
		return -ENOMEM;
	pthread_mutex_init(&proposals->lock, NULL);
	*ret = proposals;
	return 0;
}

struct proposals *proposals_free(struct proposals *proposals)
{
	if (proposals)
		pthread_mutex_destroy(&proposals->lock);
	free(proposals);
	return NULL;
}

static void drop(struct proposals *proposals, size_t place)
{
	proposals->n--;
	memmove(&proposals->items[place], &proposals->items[place + 1],
		(proposals->n - place) * sizeof(proposals->items[0]));
}

static bool is_same(const struct proposal *a, const struct proposal *b)
{
	return !strcmp(a->server, b->server) && !memcmp(a->digest, b->digest, SHA256_SIZE);
}

/* PROPOSALS_MOST where there is none. */
static size_t place_of(const struct proposals *proposals, const struct proposal *like)
{
	for (size_t i = 0; i < proposals->n; i++)
		if (is_same(&proposals->items[i], like))
			return i;
	return PROPOSALS_MOST;
}

bool proposals_find(struct proposals *proposals, const struct proposal *like, int64_t now_s,
		    struct proposal *ret)
{
	size_t place;
	bool found;

	pthread_mutex_lock(&proposals->lock);
	place = place_of(proposals, like);
	found = place < PROPOSALS_MOST && proposals->items[place].until_s > now_s;
	if (found)
		*ret = proposals->items[place];
	pthread_mutex_unlock(&proposals->lock);
	return found;
}

void proposals_add(struct proposals *proposals, const struct proposal *proposal)
{
	size_t place;

	pthread_mutex_lock(&proposals->lock);
	place = place_of(proposals, proposal);
	if (place < PROPOSALS_MOST)
		drop(proposals, place);
	else if (proposals->n == PROPOSALS_MOST)
		drop(proposals, 0);
	proposals->items[proposals->n++] = *proposal;
	pthread_mutex_unlock(&proposals->lock);
}

void proposals_remove(struct proposals *proposals, const struct proposal *like)
{
	size_t place;

	pthread_mutex_lock(&proposals->lock);
	place = place_of(proposals, like);
	if (place < PROPOSALS_MOST)
		drop(proposals, place);
	pthread_mutex_unlock(&proposals->lock);
}

size_t proposals_of(struct proposals *proposals, const char *server, int64_t now_s,
		    struct proposal ret[static PROPOSALS_MOST])
{
	size_t n = 0;

	pthread_mutex_lock(&proposals->lock);
	for (size_t i = 0; i < proposals->n; i++)
		if (!strcmp(proposals->items[i].server, server) &&
		    proposals->items[i].until_s > now_s)
			ret[n++] = proposals->items[i];
	pthread_mutex_unlock(&proposals->lock);
	return n;
}
