/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/key-use/keys.h"
#include "daemon/base/files.h"
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define GOOD_FOR_MS 30000
#define AGAIN_MS    1000
#define AFTER_AWAY_MS                                                                              \
	10000 /* a token that did not answer costs a thread some seconds each time                 \
	       */

/* What a name was found to stand for. */
struct known {
	LIST_ENTRY(known) beside;
	char *name;
	struct key_use_look look;
	unsigned snapshot; /* of which it is; 0: not looked up yet */
	unsigned change;   /* of trustpoints, when it was looked up */
	int64_t looked_ms;
	bool busy; /* somebody looks it up */
	bool missed;
};

struct key_use_keys {
	pthread_mutex_t lock;
	pthread_cond_t done; /* somebody looked something up */
	LIST_HEAD(, known) list;
};

int key_use_keys_new(struct key_use_keys **ret)
{
	struct key_use_keys *keys = calloc(1, sizeof(*keys));

	if (!keys)
		return -ENOMEM;
	pthread_mutex_init(&keys->lock, NULL);
	pthread_cond_init(&keys->done, NULL);
	*ret = keys;
	return 0;
}

static void known_free(struct known *known)
{
	LIST_REMOVE(known, beside);
	key_use_look_done(&known->look);
	free(known->name);
	free(known);
}

struct key_use_keys *key_use_keys_free(struct key_use_keys *keys)
{
	struct known *known, *next;

	if (!keys)
		return NULL;
	for (known = LIST_FIRST(&keys->list); known; known = next) {
		next = LIST_NEXT(known, beside);
		known_free(known);
	}
	pthread_cond_destroy(&keys->done);
	pthread_mutex_destroy(&keys->lock);
	free(keys);
	return NULL;
}

static struct known *find(struct key_use_keys *keys, const char *name)
{
	struct known *known;

	LIST_FOREACH(known, &keys->list, beside)
	{
		if (!strcmp(known->name, name))
			return known;
	}
	return NULL;
}

/* Names come from the configuration alone: there are never many. */
static struct known *find_or_add(struct key_use_keys *keys, const char *name)
{
	struct known *known = find(keys, name);

	if (known)
		return known;
	known = calloc(1, sizeof(*known));
	if (!known)
		return NULL;
	LIST_INSERT_HEAD(&keys->list, known, beside);
	known->name = strdup(name);
	if (known->name)
		return known;
	known_free(known);
	return NULL;
}

static bool is_stale(const struct flow *flow, const struct known *known)
{
	return known->look.of_trustpoint && known->change != flow_trustpoint_changes(flow);
}

/* Whether a look may bring something else than what is known. */
static bool is_worth_a_look(const struct flow *flow, const struct known *known, bool found,
			    int64_t now_ms)
{
	int64_t age_ms = now_ms - known->looked_ms;

	if (is_stale(flow, known))
		return true;
	if (found && !known->missed)
		return age_ms >= GOOD_FOR_MS;
	return age_ms >= (known->look.none == KEY_USE_LOOK_LATER ? AFTER_AWAY_MS : AGAIN_MS);
}

static int tell_none(const struct known *known, const struct key_use_look_wish *wish,
		     char **ret_reason)
{
	const struct key_use_look *look = &known->look;
	int r;

	if (!look->n) {
		r = text_format(ret_reason, "%s", look->reason);
		return r < 0 ? r : look->none;
	}
	if (wish->id.size)
		r = text_format(ret_reason,
				"the public key in the key reference is none of %s's: claviger "
				"key reference %s",
				wish->name, wish->name);
	else
		r = text_format(ret_reason, "'%s' has no key that %s now", wish->name,
				wish->opens ? "opens what is encrypted" : "signs");
	return r < 0 ? r : KEY_USE_KEYS_NONE;
}

static int take(struct flow *flow, const struct known *known, const struct key_use_look_wish *wish,
		struct key_use_found *ret, char **ret_reason)
{
	const struct key_use_candidate *chosen = key_use_look_choose(&known->look, wish);
	const struct conf_token *token = chosen ? conf_find_token(flow->conf, chosen->token) : NULL;
	int r;

	if (!token)
		return tell_none(known, wish, ret_reason);
	/* The token's process says so too, and to its log each time. */
	if (wish->opens && !key_use_look_opens(chosen)) {
		r = text_format(ret_reason, "the key of '%s' that is meant was made to sign alone",
				wish->name);
		return r < 0 ? r : KEY_USE_KEYS_UNFIT;
	}
	*ret = (struct key_use_found){.key = key_ref(chosen->key), .token = token->name};
	return 0;
}

int key_use_keys_find(struct flow *flow, const struct key_use_look_wish *wish, int64_t now_ms,
		      bool looked, struct key_use_found *ret, char **ret_reason)
{
	struct key_use_keys *keys = flow->key_use_keys;
	const struct known *known;
	int r = KEY_USE_KEYS_LOOK;

	pthread_mutex_lock(&keys->lock);
	known = find(keys, wish->name);
	if (known && known->snapshot == flow->number &&
	    (looked ||
	     !is_worth_a_look(flow, known, key_use_look_choose(&known->look, wish), now_ms)))
		r = take(flow, known, wish, ret, ret_reason);
	pthread_mutex_unlock(&keys->lock);
	return r;
}

/* Old, but nothing is known that would speak against it. */
static bool is_good_still(const struct flow *flow, const struct known *known,
			  const struct key_use_look_wish *wish)
{
	return known->snapshot == flow->number && !known->missed && !is_stale(flow, known) &&
	       key_use_look_choose(&known->look, wish);
}

/* The one who is at it may wait for a token that answered before. Nobody else waits along for one
 * that did not, nor who can go on with what was known until now. */
static void wait_for_other(struct key_use_keys *keys, const struct flow *flow,
			   const struct known *known, const struct key_use_look_wish *wish)
{
	while (known->busy && known->look.none != KEY_USE_LOOK_LATER &&
	       !is_good_still(flow, known, wish))
		pthread_cond_wait(&keys->done, &keys->lock);
}

/* Without the lock while it blocks: nobody else touches what it is about. */
static int look(struct key_use_keys *keys, struct flow *flow, struct known *known,
		const struct key_use_look_wish *wish)
{
	static const struct key_use_look nothing;
	_cleanup_(key_use_look_done) struct key_use_look found = {};
	bool goes_on = known->snapshot == flow->number;
	unsigned change = flow_trustpoint_changes(flow);
	int r;

	known->busy = true;
	pthread_mutex_unlock(&keys->lock);
	r = key_use_look_up(flow, wish, goes_on ? &known->look : &nothing, &found);
	pthread_mutex_lock(&keys->lock);
	known->busy = false;
	if (r >= 0) {
		key_use_look_done(&known->look);
		known->look = TAKE_STRUCT(found);
		known->snapshot = flow->number;
		known->change = change;
		known->missed = false;
	}
	pthread_cond_broadcast(&keys->done);
	return r;
}

int key_use_keys_look(struct flow *flow, const struct key_use_look_wish *wish, int64_t now_ms)
{
	struct key_use_keys *keys = flow->key_use_keys;
	struct known *known;
	int r = 0;

	pthread_mutex_lock(&keys->lock);
	known = find_or_add(keys, wish->name);
	if (!known) {
		r = -ENOMEM;
	} else if (known->busy) {
		wait_for_other(keys, flow, known, wish);
	} else {
		r = look(keys, flow, known, wish);
		known->looked_ms = now_ms;
	}
	pthread_mutex_unlock(&keys->lock);
	return r;
}

void key_use_keys_missed(struct flow *flow, const char *name)
{
	struct key_use_keys *keys = flow->key_use_keys;
	struct known *known;

	pthread_mutex_lock(&keys->lock);
	known = find(keys, name);
	if (known)
		known->missed = true;
	pthread_mutex_unlock(&keys->lock);
}
