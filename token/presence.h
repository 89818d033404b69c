/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a token's coming and going, and what happened to its sessions, makes of its state, and what
 * is to be done next: an event table. Pure.
 */

#include "daemon/ipc/message.h"

enum presence_event {
	PRESENCE_NO_MODULE = 1, /* the module can't be loaded or doesn't start */
	PRESENCE_NOT_FOUND,	/* no slot holds the token */
	PRESENCE_AMBIGUOUS,	/* several do */
	PRESENCE_UNFIT,		/* it is there, and can't sign with RSA */
	PRESENCE_NEEDS_PIN,	/* it is there, and nobody gave a PIN */
	PRESENCE_PIN_REFUSED,	/* it is there, and the PIN is wrong, or may not be tried */
	PRESENCE_READY,		/* it is there, and the user is logged in */
	PRESENCE_FAULT,		/* a call failed that should not have */
	PRESENCE_GONE,		/* it was there, and is not any more */
	PRESENCE_NO_PCSCD,	/* nobody can tell: pcscd does not answer */
	PRESENCE_CARD_SEEN,	/* a card is in its reader, and the module shows no token there */
	PRESENCE_FOUND,		/* its slot is known, and the login comes next */
	PRESENCE_OTHER_CARD,	/* the card in its reader is another token, by what URI= says */
	PRESENCE_FOREIGN,	/* it is as URI= says, and not the one that has the keys */
};

/* What the event loop waits for, next. */
enum presence_wait {
	PRESENCE_OPEN_AGAIN = 1, /* tries to open the token, soon and ever less soon */
	PRESENCE_LOOK,		 /* looks now and then whether it is still there */
};

struct presence {
	enum token_state state;
	enum presence_wait wait;
};

const char *presence_event_name(enum presence_event event);

/* The next state, after @event in @state. */
struct presence presence_step(enum token_state state, enum presence_event event);

/* Whether the token was away before this step and is not any more: attempts are counted anew. */
bool presence_is_return(enum token_state before, enum token_state after);

/* How long to wait, @tries attempts after the last that went well: 250 ms, doubling up to 2 s; for
 * PRESENCE_LOOK 2 s. */
int64_t presence_delay_ms(enum presence_wait wait, unsigned tries);

/* The recovery ladder: what attempt number @tries (from 0) does beyond opening the token anew. */
enum presence_rung {
	PRESENCE_REOPEN = 1, /* new sessions, slots listed anew */
	PRESENCE_RELOAD,     /* the module finalised, unloaded and loaded again */
	PRESENCE_RESTART,    /* the process ends, to be started again */
};
enum presence_rung presence_rung(enum token_state state, unsigned tries);
