/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A trustpoint's keys: found by Key= on Token= among those of role identity, made there where there
 * is none, renamed and destroyed when another took over. Within flow/ alone.
 *
 * A pair that is to take the place of another is called as that one, with a # after it, until the
 * other is gone; one that an interrupted try left behind is taken up by the next.
 */

#include "daemon/flow/trustpoint/trustpoint.h"

struct trustpoint_key {
	struct ca_key_place place;
	struct key *key;
	bool is_new; /* made for this: nothing else has it */
};
void trustpoint_key_done(struct trustpoint_key *key);

struct trustpoint_key_order {
	int usage;	 /* enum key_usage */
	bool regenerate; /* a pair of its own, even where the identity in force has one */
};
/*
 * The key for a new certificate. 0; FLOW_LATER where the token is not ready, FLOW_REFUSED where no
 * key can be had so, each with *ret_reason (the caller's); -errno. May take minutes.
 */
_checked_ int trustpoint_key_choose(struct trustpoint_turn *turn,
				    const struct trustpoint_key_order *order,
				    struct trustpoint_key *ret, char **ret_reason);

/* The token that a new key is to be on: Token=, or the only one there is. */
struct trustpoint_token {
	const char *name; /* the configuration's */
	struct token_link *link;
	struct token_facts facts;
};
/* Which it is, there and open. As trustpoint_key_await(). */
_checked_ int trustpoint_token_await(struct trustpoint_turn *turn, struct trustpoint_token *ret,
				     char **ret_reason);

/* Whether the token of this key, or (NULL) the one that a new key is to be on, is there and open.
 * 0; FLOW_LATER where it is not, FLOW_REFUSED where the configuration has none, each with
 * *ret_reason; -errno. */
_checked_ int trustpoint_key_await(struct trustpoint_turn *turn, const struct ca_key_place *place,
				   char **ret_reason);

/* Whether this key lies on its token, as the token's process tells it: false where it was destroyed
 * by others, or the token is another. FLOW_LATER where nobody answers; -errno. */
_checked_ int trustpoint_key_is_there(struct trustpoint_turn *turn,
				      const struct ca_key_place *place, bool *ret);

/* The key of an identity or enrolment, which key_unref() lets go; asks nobody. FLOW_REFUSED with
 * *ret_reason where the configuration has no such token; -errno. */
_checked_ int trustpoint_key_open(struct trustpoint_turn *turn, const struct ca_key_place *place,
				  struct key **ret, char **ret_reason);
/* The key that signs an enrolment's messages and opens its answers, and its place, borrowed from
 * the state. As trustpoint_key_open(); FLOW_REFUSED too where its identity is gone. */
_checked_ int trustpoint_signer_open(struct trustpoint_turn *turn,
				     const struct ca_enrollment_record *enrollment,
				     struct key **ret, const struct ca_key_place **ret_place,
				     char **ret_reason);
/* What a signature or an unwrapping by the key of @place came to: 0 and FLOW_LATER as they are;
 * FLOW_REFUSED with *ret_reason where it is the key's or its charter's fault; -errno. */
_checked_ int trustpoint_key_explain(const struct ca_key_place *place, int result,
				     char **ret_reason);

/* Drops the # of this identity's key and records it. What the token says to that counts as done:
 * nothing depends on a label. FLOW_LATER, -errno. */
_checked_ int trustpoint_relabel_key(struct trustpoint_turn *turn, int64_t identity);
/* Destroys this identity's key and records it. FLOW_LATER also where something else has the key;
 * -errno. */
_checked_ int trustpoint_destroy_key(struct trustpoint_turn *turn, int64_t identity);
/* Destroys the key of an enrolment of which nothing came, unless it was not made for it or
 * something else has it: best effort, for the next try takes up what is left. Logged. */
void trustpoint_drop_key(struct trustpoint_turn *turn,
			 const struct ca_enrollment_record *enrollment);
/* Destroys keys that nothing recorded has: of a server's own trustpoint all, as the server is
 * deleted; of a router's those that were made to follow, of which the daemon was not told because
 * it was killed. Best effort, logged; one that its token keeps is an operator's to remove. */
void trustpoint_drop_left_keys(struct trustpoint_turn *turn);
