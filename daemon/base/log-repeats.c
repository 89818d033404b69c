/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/log-repeats.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KINDS_MOST 128
#define MINUTE_MS  60000

struct log_repeats {
	pthread_mutex_t lock;
	struct log_repeat told[KINDS_MOST]; /* told_ms 0: a free place */
};

int log_repeats_new(struct log_repeats **ret)
{
	struct log_repeats *repeats = calloc(1, sizeof(*repeats));

	if (!repeats)
		return -ENOMEM;
	pthread_mutex_init(&repeats->lock, NULL);
	*ret = repeats;
	return 0;
}

struct log_repeats *log_repeats_free(struct log_repeats *repeats)
{
	if (!repeats)
		return NULL;
	pthread_mutex_destroy(&repeats->lock);
	free(repeats);
	return NULL;
}

static bool is_same(const struct log_repeat *a, const struct log_repeat *b)
{
	return a->told_ms && a->uid == b->uid && a->kind == b->kind && !strcmp(a->who, b->who) &&
	       !strcmp(a->what, b->what);
}

static struct log_repeat *place_of(struct log_repeats *repeats, const struct log_repeat *one)
{
	struct log_repeat *oldest = &repeats->told[0];

	for (size_t i = 0; i < KINDS_MOST; i++) {
		if (is_same(&repeats->told[i], one))
			return &repeats->told[i];
		if (repeats->told[i].told_ms < oldest->told_ms)
			oldest = &repeats->told[i];
	}
	return oldest;
}

bool log_repeats_tells(struct log_repeats *repeats, const struct log_repeat *one, int64_t now_ms,
		       struct log_repeat *ret_before)
{
	struct log_repeat *place;
	bool tells;

	*ret_before = (struct log_repeat){};
	pthread_mutex_lock(&repeats->lock);
	place = place_of(repeats, one);
	tells = !is_same(place, one) || now_ms - place->told_ms >= MINUTE_MS;
	if (tells) {
		*ret_before = *place;
		*place = *one;
		place->more = 0;
		place->told_ms = now_ms;
	} else {
		place->more++;
	}
	pthread_mutex_unlock(&repeats->lock);
	return tells;
}

bool log_repeats_next(struct log_repeats *repeats, int64_t now_ms, struct log_repeat *ret)
{
	bool found = false;

	pthread_mutex_lock(&repeats->lock);
	for (size_t i = 0; i < KINDS_MOST && !found; i++) {
		struct log_repeat *told = &repeats->told[i];

		found = told->more && now_ms - told->told_ms >= MINUTE_MS;
		if (!found)
			continue;
		*ret = *told;
		*told = (struct log_repeat){};
	}
	pthread_mutex_unlock(&repeats->lock);
	return found;
}
