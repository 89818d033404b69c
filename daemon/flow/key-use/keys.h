/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which key a name stands for: a trustpoint's, as the database has it, else one of that label, as
 * the tokens' processes tell it. What was found is kept, so that a signature costs no look at
 * either; it is looked up again after a change, after half a minute, and when it is not there, but
 * not more than once a second. Of all snapshots of a process; thread-safe.
 */

#include "daemon/flow/key-use/look.h"

struct key_use_keys;

_checked_ int key_use_keys_new(struct key_use_keys **ret);
struct key_use_keys *key_use_keys_free(struct key_use_keys *keys);

struct key_use_found {
	struct key *key;   /* a reference, the caller's to let go of */
	const char *token; /* the name of its [Token] section, borrowed from the configuration */
};

enum key_use_keys_outcome {
	KEY_USE_KEYS_LOOK = 1, /* call key_use_keys_look() on a thread that may wait, then again */
	/* A token that may have it can't be asked now; there is none; it is none for programs. */
	KEY_USE_KEYS_LATER = KEY_USE_LOOK_LATER,
	KEY_USE_KEYS_NONE = KEY_USE_LOOK_NONE,
	KEY_USE_KEYS_FORBID = KEY_USE_LOOK_FORBID,
	KEY_USE_KEYS_UNFIT = 5, /* what is to be opened is for the other of two usage keys */
};
/*
 * What is known. Never waits for a token or a disk.
 *
 * @now_ms      monotonic
 * @looked      it was looked up for this question: no more than that is found
 * @ret_reason  with an outcome but LOOK: a sentence, the caller's
 * Returns 0, an outcome, -errno.
 */
_checked_ int key_use_keys_find(struct flow *flow, const struct key_use_look_wish *wish,
				int64_t now_ms, bool looked, struct key_use_found *ret,
				char **ret_reason);
/* Looks it up; blocks for the database, or for the tokens' processes. Whoever finds another at it
 * goes on with what was known, or waits for that one where that is nothing. -errno. */
_checked_ int key_use_keys_look(struct flow *flow, const struct key_use_look_wish *wish,
				int64_t now_ms);
/* The token's process does not have the key that was found: it is looked up again. */
void key_use_keys_missed(struct flow *flow, const char *name);
