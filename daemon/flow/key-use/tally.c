/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/tally.h"
#include "policy/rate.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define RATES_MOST 512 /* users by rules that had something in the last two seconds */
#define KEYS_MOST  256
#define NS_PER_MS  INT64_C(1000000)

struct counted {
	LIST_ENTRY(counted) beside;
	char *rule;
	struct key_use_count count;
};

struct used {
	uint8_t key_sha256[SHA256_SIZE];
	int64_t last_s; /* 0: a free place */
};

struct taken {
	const struct counted *rule; /* NULL: a free place */
	uint32_t uid;
	int64_t until_ns;
};

struct key_use_tally {
	pthread_mutex_t lock;
	int64_t begun_s; /* 0: not yet */
	LIST_HEAD(, counted) rules;
	struct used keys[KEYS_MOST];
	struct taken rates[RATES_MOST];
	struct log_repeats *refusals;
};

int key_use_tally_new(struct key_use_tally **ret)
{
	struct key_use_tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return -ENOMEM;
	if (log_repeats_new(&tally->refusals) < 0) {
		free(tally);
		return -ENOMEM;
	}
	pthread_mutex_init(&tally->lock, NULL);
	*ret = tally;
	return 0;
}

static void counted_free(struct counted *counted)
{
	LIST_REMOVE(counted, beside);
	key_use_count_done(&counted->count);
	free(counted->rule);
	free(counted);
}

struct key_use_tally *key_use_tally_free(struct key_use_tally *tally)
{
	struct counted *counted, *next;

	if (!tally)
		return NULL;
	for (counted = LIST_FIRST(&tally->rules); counted; counted = next) {
		next = LIST_NEXT(counted, beside);
		counted_free(counted);
	}
	pthread_mutex_destroy(&tally->lock);
	log_repeats_free(tally->refusals);
	free(tally);
	return NULL;
}

struct log_repeats *key_use_tally_refusals(struct key_use_tally *tally)
{
	return tally->refusals;
}

void key_use_count_done(struct key_use_count *count)
{
	free(count->refusal);
	*count = (struct key_use_count){};
}

static struct counted *find(struct key_use_tally *tally, const char *rule)
{
	struct counted *counted;

	LIST_FOREACH(counted, &tally->rules, beside)
	{
		if (!strcmp(counted->rule, rule))
			return counted;
	}
	return NULL;
}

/* NULL where memory is short: then it is not counted. */
static struct counted *find_or_add(struct key_use_tally *tally, const char *rule)
{
	struct counted *counted = find(tally, rule);

	if (counted)
		return counted;
	counted = calloc(1, sizeof(*counted));
	if (!counted)
		return NULL;
	LIST_INSERT_HEAD(&tally->rules, counted, beside);
	counted->rule = strdup(rule);
	if (counted->rule)
		return counted;
	counted_free(counted);
	return NULL;
}

int key_use_tally_get(struct key_use_tally *tally, const char *rule, struct key_use_count *ret)
{
	const struct counted *counted;
	int r = 0;

	*ret = (struct key_use_count){};
	pthread_mutex_lock(&tally->lock);
	counted = find(tally, rule);
	if (counted) {
		*ret = counted->count;
		ret->refusal = counted->count.refusal ? strdup(counted->count.refusal) : NULL;
		r = counted->count.refusal && !ret->refusal ? -ENOMEM : 0;
	}
	pthread_mutex_unlock(&tally->lock);
	return r;
}

/* The key's place, else the one whose use is longest ago. */
static struct used *place_of(struct key_use_tally *tally, struct span key_sha256)
{
	struct used *oldest = &tally->keys[0];

	for (size_t i = 0; i < KEYS_MOST; i++) {
		struct used *used = &tally->keys[i];

		if (!used->last_s) {
			oldest = used;
			break; /* no place behind it was ever taken */
		}
		if (span_equal(SPAN_ARRAY(used->key_sha256), key_sha256))
			return used;
		if (used->last_s < oldest->last_s)
			oldest = used;
	}
	memcpy(oldest->key_sha256, key_sha256.data, SHA256_SIZE);
	return oldest;
}

void key_use_tally_allowed(struct key_use_tally *tally, const char *rule, unsigned kind,
			   struct span key_sha256, int64_t now_s)
{
	struct counted *counted;

	pthread_mutex_lock(&tally->lock);
	counted = find_or_add(tally, rule);
	for (size_t i = 0; counted && i < KEY_USE_KINDS; i++)
		counted->count.allowed[i] += kind == 1U << i;
	if (counted)
		counted->count.used_s = now_s;
	place_of(tally, key_sha256)->last_s = now_s;
	pthread_mutex_unlock(&tally->lock);
}

void key_use_tally_refused(struct key_use_tally *tally, const char *rule, const char *reason,
			   int64_t now_s)
{
	struct counted *counted;
	char *copy = strdup(reason);

	pthread_mutex_lock(&tally->lock);
	counted = find_or_add(tally, rule);
	if (counted) {
		counted->count.refused++;
		counted->count.refused_s = now_s;
		free(counted->count.refusal);
		counted->count.refusal = TAKE_PTR(copy);
	}
	pthread_mutex_unlock(&tally->lock);
	free(copy);
}

void key_use_tally_failed(struct key_use_tally *tally, const char *rule)
{
	struct counted *counted;

	pthread_mutex_lock(&tally->lock);
	counted = find_or_add(tally, rule);
	if (counted)
		counted->count.failed++;
	pthread_mutex_unlock(&tally->lock);
}

int64_t key_use_tally_begun_s(struct key_use_tally *tally, int64_t now_s)
{
	int64_t begun_s;

	pthread_mutex_lock(&tally->lock);
	if (!tally->begun_s)
		tally->begun_s = now_s;
	begun_s = tally->begun_s;
	pthread_mutex_unlock(&tally->lock);
	return begun_s;
}

int64_t key_use_tally_last_s(struct key_use_tally *tally, struct span key_sha256)
{
	int64_t last_s = 0;

	pthread_mutex_lock(&tally->lock);
	for (size_t i = 0; i < KEYS_MOST; i++)
		if (tally->keys[i].last_s &&
		    span_equal(SPAN_ARRAY(tally->keys[i].key_sha256), key_sha256))
			last_s = tally->keys[i].last_s;
	pthread_mutex_unlock(&tally->lock);
	return last_s;
}

/* His place, else one whose time is over for longest: who lost it has had nothing for a while. */
static struct taken *rate_of(struct key_use_tally *tally, const struct counted *rule, uint32_t uid)
{
	struct taken *oldest = &tally->rates[0];

	for (size_t i = 0; i < RATES_MOST; i++) {
		struct taken *taken = &tally->rates[i];

		if (taken->rule == rule && taken->uid == uid)
			return taken;
		if (taken->until_ns < oldest->until_ns)
			oldest = taken;
		if (!taken->rule)
			break; /* no place behind it was ever taken */
	}
	*oldest = (struct taken){.rule = rule, .uid = uid};
	return oldest;
}

bool key_use_tally_take(struct key_use_tally *tally, const char *rule, unsigned per_s, uint32_t uid,
			int64_t now_ms)
{
	const struct counted *counted;
	bool had = true;

	pthread_mutex_lock(&tally->lock);
	counted = find_or_add(tally, rule);
	if (counted)
		had = rate_take(per_s, &rate_of(tally, counted, uid)->until_ns, now_ms * NS_PER_MS);
	pthread_mutex_unlock(&tally->lock);
	return had;
}
