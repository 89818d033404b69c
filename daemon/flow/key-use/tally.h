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
#include "daemon/base/log-repeats.h"

struct key_use_tally;

_checked_ int key_use_tally_new(struct key_use_tally **ret);
struct key_use_tally *key_use_tally_free(struct key_use_tally *tally);

/* As many as there are words of For=. */
#define KEY_USE_KINDS 4

struct key_use_count {
	uint64_t allowed[KEY_USE_KINDS]; /* by the bit of enum key_use */
	uint64_t refused;		 /* to those it names; RateLimit= among that */
	uint64_t failed;		 /* allowed, and not done: the token was away */
	int64_t used_s;			 /* the last that was allowed; 0: none yet */
	int64_t refused_s;
	char *refusal; /* the last one's reason; NULL */
};
/* Of whom no rule names: no section has this name. */
#define KEY_USE_STRANGERS ""
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

/* Which refusals and faults the log was told. */
struct log_repeats *key_use_tally_refusals(struct key_use_tally *tally);
