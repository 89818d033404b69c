/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a name stands for among keys: the identities of a trustpoint, or the keys of role identity
 * that have the label, with or without a # at its end. Within key-use-keys alone, which keeps it.
 */

#include "daemon/flow/flow.h"
#include "hsm/key/key.h"

struct key_use_candidate {
	struct key *key;
	char *token; /* the name of its [Token] section */
	int usage;   /* enum key_usage */
	/* Of those whose time has come the one whose time came last is in force. Labels have no
	 * time: the fewer # the later. */
	int64_t from_s;
};

enum key_use_look_none { KEY_USE_LOOK_LATER = 2, KEY_USE_LOOK_NONE = 3, KEY_USE_LOOK_FORBID = 4 };

struct key_use_look {
	struct key_use_candidate *items;
	size_t n;
	bool of_trustpoint;
	int none;     /* where there is no item: one of the above … */
	char *reason; /* … and why, a sentence for people */
};
/* Accepts the zeroed struct. */
void key_use_look_done(struct key_use_look *look);

/* Whether it opens at all what is encrypted, as one that was made to sign alone does not. */
bool key_use_look_opens(const struct key_use_candidate *candidate);

struct key_use_look_wish {
	const char *name; /* without a # at its end */
	struct span id;	  /* SHA-256 of its SubjectPublicKeyInfo, or nothing: the one in force */
	bool opens;	  /* of two keys the one for encryption, else the one that signs */
	int64_t now_s;
};
/* The one that is meant; NULL, where it is none of these. Borrowed. */
const struct key_use_candidate *key_use_look_choose(const struct key_use_look *look,
						    const struct key_use_look_wish *wish);

/*
 * Looks it up: of labels no further than the token on which the wish is found, those first on which
 * something was before. Blocks for the database, or for the tokens' processes.
 *
 * @before  what was found last; what it has of tokens that are not asked now is kept
 * Returns 0, also where there is none; -errno.
 */
_checked_ int key_use_look_up(struct flow *flow, const struct key_use_look_wish *wish,
			      const struct key_use_look *before, struct key_use_look *ret);
