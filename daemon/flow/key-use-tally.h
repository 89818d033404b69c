/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What other programs' uses of keys come to: counts for each [Use] section by its name, how much of
 * RateLimit= each user had, when a key was used last, and which refusals the log was told. In
 * memory, and bounded: of too many the one that is oldest is forgotten. Of all snapshots of a
 * process; thread-safe.
 */

#include "daemon/base/bytes.h"
#include "daemon/base/crypto.h"

struct key_use_tally;

_checked_ int key_use_tally_new(struct key_use_tally **ret);
struct key_use_tally *key_use_tally_free(struct key_use_tally *tally);

/* As many as there are words of For=. */
#define KEY_USE_KINDS 4

struct key_use_count {
	uint64_t allowed[KEY_USE_KINDS]; /* by the bit of enum key_use */
	uint64_t refused;		 /* by the rules, RateLimit= among them */
	uint64_t failed;		 /* allowed, and not done: the token was away */
	int64_t used_s;			 /* the last that was allowed; 0: none yet */
	int64_t refused_s;
	char *refusal; /* the last one's reason; NULL */
};
/* What was counted for the rule; zeros where nothing was. key_use_count_done(). -ENOMEM. */
_checked_ int key_use_tally_get(struct key_use_tally *tally, const char *rule,
				struct key_use_count *ret);
void key_use_count_done(struct key_use_count *count);

/* One that was done, of the uses @kind (one bit), with the key of this SHA-256. */
void key_use_tally_allowed(struct key_use_tally *tally, const char *rule, unsigned kind,
			   struct span key_sha256, int64_t now_s);
void key_use_tally_refused(struct key_use_tally *tally, const char *rule, const char *reason,
			   int64_t now_s);
void key_use_tally_failed(struct key_use_tally *tally, const char *rule);

/* When a program used the key last, in seconds since 1970; 0: not since the daemon began. */
int64_t key_use_tally_last_s(struct key_use_tally *tally, struct span key_sha256);
/* The @now_s of its first call: what was used before that, by another process, nobody knows. */
int64_t key_use_tally_begun_s(struct key_use_tally *tally, int64_t now_s);

/* Counts one of the @per_s operations a second that the user has by the rule; false where he has
 * had them. @now_ms is monotonic. */
bool key_use_tally_take(struct key_use_tally *tally, const char *rule, unsigned per_s, uint32_t uid,
			int64_t now_ms);

/* A refusal as the log tells it. */
struct key_use_told {
	uint32_t uid;
	int kind;		 /* which refusals are the same, of one user and key */
	char user[64], key[129]; /* the key's name is empty for all that no section has */
	char reason[512];
	unsigned more; /* refusals since it was told */
	int64_t told_ms;
};
/* Whether the log is to be told: the first of its kind in a minute. The others are counted.
 * @ret_before, its @more not 0: one that is to be told of before, since nobody will after. */
bool key_use_tally_tells(struct key_use_tally *tally, const struct key_use_told *refusal,
			 int64_t now_ms, struct key_use_told *ret_before);
/* One whose minute is over and that came again since: to be told how often. False without one. */
bool key_use_tally_next(struct key_use_tally *tally, int64_t now_ms, struct key_use_told *ret);
