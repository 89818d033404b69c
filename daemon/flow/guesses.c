/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/guesses.h"
#include <pthread.h>
#include <stdlib.h>

#define SETS 256
#define WAYS 8

/* With 80 random bits in a password nobody guesses one at any rate: this is to notice who tries. A
 * whole branch may stand behind one address, each router with a challenge of its own. */
static const struct rate_limit limit = {.most = 32, .every_s = 10};

struct suspect {
	uint64_t bucket;
	struct rate rate;
};

struct guesses {
	pthread_mutex_t lock;
	struct suspect suspects[SETS][WAYS];
};

int guesses_new(struct guesses **ret)
{
	struct guesses *guesses = calloc(1, sizeof(*guesses));

	if (!guesses)
		return -ENOMEM;
	pthread_mutex_init(&guesses->lock, NULL);
	*ret = guesses;
	return 0;
}

struct guesses *guesses_free(struct guesses *guesses)
{
	if (guesses)
		pthread_mutex_destroy(&guesses->lock);
	free(guesses);
	return NULL;
}

static struct suspect *find(struct guesses *guesses, uint64_t bucket)
{
	struct suspect *set = guesses->suspects[bucket % SETS];

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].rate.spent && set[i].bucket == bucket)
			return &set[i];
	return NULL;
}

/* In the place of him against whom least stands. */
static struct suspect *add(struct guesses *guesses, uint64_t bucket, int64_t now_s)
{
	struct suspect *set = guesses->suspects[bucket % SETS], *least = &set[0];

	for (size_t i = 1; i < WAYS; i++)
		if (rate_spent(&limit, &set[i].rate, now_s) <
		    rate_spent(&limit, &least->rate, now_s))
			least = &set[i];
	*least = (struct suspect){.bucket = bucket};
	return least;
}

bool guesses_are_heard(struct guesses *guesses, uint64_t bucket, int64_t now_s)
{
	const struct suspect *suspect;
	bool heard;

	pthread_mutex_lock(&guesses->lock);
	suspect = find(guesses, bucket);
	heard = !suspect || !rate_is_over(&limit, &suspect->rate, now_s);
	pthread_mutex_unlock(&guesses->lock);
	return heard;
}

bool guesses_count(struct guesses *guesses, uint64_t bucket, int64_t now_s)
{
	struct suspect *suspect;
	bool last;

	pthread_mutex_lock(&guesses->lock);
	suspect = find(guesses, bucket);
	if (!suspect)
		suspect = add(guesses, bucket, now_s);
	last = rate_count(&limit, &suspect->rate, now_s);
	pthread_mutex_unlock(&guesses->lock);
	return last;
}
