/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the choice of a trustpoint's key (trustpoint-keys.h) and that of a server's own have in
 * common. Within trustpoint-keys-*.c alone. */

#include "daemon/flow/trustpoint/keys.h"

#define KEY_CHOICE_MARKS_MOST 8 /* more pairs than any trustpoint has at once */

/* What is chosen from. */
struct key_choice {
	struct trustpoint_turn *turn;
	const struct trustpoint_key_order *order;
	struct trustpoint_token token;
	char *base;  /* as the configuration calls the pair */
	char *label; /* as this one is called, for now */
};

/* Calls it by the configuration's name and so many #, at most KEY_CHOICE_MARKS_MOST. -ENOMEM. */
_checked_ int key_choice_name(struct key_choice *choice, int marks);
/* Whether an identity of this trustpoint has the key, or had it. */
bool key_choice_is_used(const struct ca_trustpoint_state *state, struct span spki);
/* Makes a key under the choice's label, with usage and exportability of the one on the same token
 * whose SHA-256 is @like (empty: none). 0; FLOW_LATER, FLOW_REFUSED with *ret_reason; -errno. */
_checked_ int key_choice_make(const struct key_choice *choice, struct span like,
			      struct token_key *ret, char **ret_reason);
/* What was found or made is the choice. -errno. */
_checked_ int key_choice_take(const struct key_choice *choice, const struct token_key *found,
			      struct trustpoint_key *ret);
/* The choice of a trustpoint whose identities are a server's certificates: a key under its label
 * that nothing has yet, or a new one. As trustpoint_key_choose(). */
_checked_ int key_choice_serve(struct key_choice *choice, struct trustpoint_key *ret,
			       char **ret_reason);
