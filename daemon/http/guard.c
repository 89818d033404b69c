/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http/guard.h"

#include "daemon/http/peers.h"
#include <pthread.h>
#include <stdlib.h>

struct guard_entry {
	TAILQ_ENTRY(guard_entry) link; /* in its phase's list */
	TAILQ_ENTRY(guard_entry) idle; /* in its peer's, while in GUARD_HEAD */
	struct http_peer *peer;
	enum guard_phase phase;
	bool is_cut; /* in no list any more */
	int64_t deadline_ms;
	int fd;
};

struct guard {
	struct guard_limits limits;
	pthread_mutex_t lock;
	/* Within a phase all have the same time, so each list is in the order of deadlines. */
	struct guard_entries phases[GUARD_PHASES_];
	struct peers peers;
	unsigned all;
	unsigned idle; /* in GUARD_HEAD */
	unsigned gone; /* cut, and not yet let go of */
	bool draining;
};

int guard_new(const struct guard_limits *limits, struct guard **ret)
{
	struct guard *guard = calloc(1, sizeof(*guard));

	if (!guard)
		return -ENOMEM;
	guard->limits = *limits;
	pthread_mutex_init(&guard->lock, NULL);
	for (unsigned i = 0; i < GUARD_PHASES_; i++)
		TAILQ_INIT(&guard->phases[i]);
	*ret = guard;
	return 0;
}

struct guard *guard_free(struct guard *guard)
{
	if (!guard)
		return NULL;
	assert(!guard->all);
	pthread_mutex_destroy(&guard->lock);
	free(guard);
	return NULL;
}

void guard_freep(struct guard **guard)
{
	guard_free(*guard);
}

static void leave_lists(struct guard *guard, struct guard_entry *entry)
{
	if (entry->is_cut)
		return;
	TAILQ_REMOVE(&guard->phases[entry->phase], entry, link);
	if (entry->phase == GUARD_HEAD) {
		TAILQ_REMOVE(&entry->peer->idle, entry, idle);
		guard->idle--;
	}
}

static void enter_lists(struct guard *guard, struct guard_entry *entry, enum guard_phase phase,
			int64_t now_ms)
{
	int64_t limit_ms = guard->limits.phase_ms[phase];

	entry->phase = phase;
	entry->deadline_ms = limit_ms ? now_ms + limit_ms : INT64_MAX;
	TAILQ_INSERT_TAIL(&guard->phases[phase], entry, link);
	if (phase == GUARD_HEAD) {
		TAILQ_INSERT_TAIL(&entry->peer->idle, entry, idle);
		guard->idle++;
	}
}

/* It stays counted until the server lets go of it. */
static void cut(struct guard *guard, struct guard_entry *entry)
{
	leave_lists(guard, entry);
	entry->is_cut = true;
	guard->gone++;
	guard->limits.cut(entry->fd);
}

/* @newest has just come in. Where all of a peer's are at work it is the one too many. */
static void make_room(struct guard *guard, struct guard_entry *newest)
{
	if (guard->draining)
		cut(guard, newest);
	else if (newest->peer->connections > guard->limits.per_peer)
		cut(guard, TAILQ_FIRST(&newest->peer->idle));
	else if (guard->all > guard->limits.total)
		cut(guard, TAILQ_FIRST(&guard->phases[GUARD_HEAD]));
}

struct guard_entry *guard_start(struct guard *guard, int fd, const struct sockaddr *peer,
				int64_t now_ms)
{
	struct guard_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->fd = fd;
	pthread_mutex_lock(&guard->lock);
	entry->peer = peers_enter(&guard->peers, peer);
	if (entry->peer) {
		guard->all++;
		enter_lists(guard, entry, GUARD_HEAD, now_ms);
		make_room(guard, entry);
	}
	pthread_mutex_unlock(&guard->lock);
	if (!entry->peer) {
		free(entry);
		return NULL;
	}
	return entry;
}

void guard_enter(struct guard *guard, struct guard_entry *entry, enum guard_phase phase,
		 int64_t now_ms)
{
	pthread_mutex_lock(&guard->lock);
	if (!entry->is_cut) {
		leave_lists(guard, entry);
		enter_lists(guard, entry, phase, now_ms);
		if (guard->draining && phase == GUARD_HEAD)
			cut(guard, entry);
	}
	pthread_mutex_unlock(&guard->lock);
}

void guard_end(struct guard *guard, struct guard_entry *entry)
{
	pthread_mutex_lock(&guard->lock);
	leave_lists(guard, entry);
	guard->gone -= entry->is_cut;
	peers_leave(&guard->peers, entry->peer);
	guard->all--;
	pthread_mutex_unlock(&guard->lock);
	free(entry);
}

int64_t guard_sweep(struct guard *guard, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;

	pthread_mutex_lock(&guard->lock);
	for (unsigned i = 0; i < GUARD_PHASES_; i++) {
		struct guard_entry *first;
		while ((first = TAILQ_FIRST(&guard->phases[i])) && first->deadline_ms <= now_ms)
			cut(guard, first);
		if (first && first->deadline_ms < next_ms)
			next_ms = first->deadline_ms;
	}
	pthread_mutex_unlock(&guard->lock);
	return next_ms;
}

void guard_drain(struct guard *guard)
{
	struct guard_entry *first;

	pthread_mutex_lock(&guard->lock);
	guard->draining = true;
	while ((first = TAILQ_FIRST(&guard->phases[GUARD_HEAD])))
		cut(guard, first);
	pthread_mutex_unlock(&guard->lock);
}

void guard_count(struct guard *guard, unsigned *ret_all, unsigned *ret_busy)
{
	pthread_mutex_lock(&guard->lock);
	*ret_all = guard->all;
	*ret_busy = guard->all - guard->idle - guard->gone;
	pthread_mutex_unlock(&guard->lock);
}
