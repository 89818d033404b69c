/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is not done for a program: said to it, counted, and told to the log, once a minute for each
 * user, key and kind of refusal; keys that no section names are one. Who no rule is about is
 * counted by himself, so that he can't make a rule look as if it refused. Within flow/ alone.
 */

#include "daemon/flow/key-use/key-use.h"

/* Those that are the same to the log; in the table of the .c is how each is answered. */
enum key_use_no {
	KEY_USE_NO_RULE,
	KEY_USE_NO_UNIT,
	KEY_USE_NO_USE,
	KEY_USE_NO_RATE,
	KEY_USE_NO_ROLE,
	KEY_USE_NO_CHARTER, /* the token's process refuses */
	KEY_USE_NO_KEY,
	KEY_USE_NO_TOKEN,  /* it is away */
	KEY_USE_NO_SCHEME, /* impossible with this key */
	KEY_USE_NO_WORK,   /* an error on this machine */
};

/* @rule: the name of the section that it is counted for; NULL. KEY_USE_FAILED, -ENOMEM. */
_checked_ _printf_(5, 6) int key_use_refuse(const struct key_use_turn *turn, enum key_use_no no,
					    const char *rule, struct key_use_failure *ret,
					    const char *format, ...);

/* Whether a section speaks of a key by this name; what none speaks of is not looked for. */
bool key_use_is_named(const struct conf *conf, const char *name);
