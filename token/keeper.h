/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keeper of one token: it loads the module, opens the token, logs in, and does all of it again
 * when something failed, rung by rung (token/presence.h). Threads work through seats, a session
 * each. A seat's operation is repeated with a new session, then with a token opened anew, before it
 * is given up as "not now". While a token is opened, closed or logged in no seat is at work.
 *
 * The keeper decides nothing about keys: see token/sign.h and policy/charter.h.
 */

#include "daemon/conf/conf.h"
#include "hsm/session.h"
#include "hsm/token.h"
#include "token/charters.h"
#include "token/presence.h"
#include "token/watch.h"

#define KEEPER_SEATS_MAX 64

struct keeper;

/* How many sessions, and threads, a token is worked with: pure. @configured: Sessions=, 0 where it
 * is not set; @cpus: of this machine; @single: the module bears one thread. */
unsigned keeper_seats_for(const struct hsm_token_facts *facts, unsigned configured, unsigned cpus,
			  bool single);

/* @directory: the state directory of this token, which exists. @charters outlives the keeper. */
_checked_ int keeper_new(const char *directory, struct charters *charters, struct keeper **ret);
/* Closes the token and unloads the module. No seat may be at work. */
struct keeper *keeper_free(struct keeper *keeper);
void keeper_freep(struct keeper **keeper);

/* Takes over module, URI, PIN and Sessions= of @token; the next keeper_open() goes by them.
 * 0; KEEPER_UNCHANGED; -errno. */
enum keeper_configure_outcome { KEEPER_UNCHANGED = 1 };
_checked_ int keeper_configure(struct keeper *keeper, const struct conf_token *token);

/* An eventfd that becomes readable after each change of what keeper_view() shows. */
int keeper_wake_fd(const struct keeper *keeper);

struct keeper_view {
	enum token_state state;
	enum presence_wait wait;
	unsigned tries;	    /* attempts since the last that went well */
	unsigned seats;	    /* that the token is worked with; 0 before it was open once */
	bool wants_restart; /* nothing but a new process helps */
	char reason[1024];  /* UTF-8; why it is not ready */
	bool has_facts;	    /* the rest: of the token as it was last seen */
	struct hsm_token_facts facts;
};
/* Does not block for the token. */
void keeper_view(struct keeper *keeper, struct keeper_view *ret);
/* The token's serial as charters hold it: escaped, since it is foreign text. -ENOMEM. */
_checked_ int keeper_read_serial(struct keeper *keeper, char **ret);
const struct watch *keeper_watches(const struct keeper *keeper); /* KEEPER_SEATS_MAX of them */

/* What follows runs on the thread of seat number @seat and blocks for the token. */

/* Opens the token, or opens it again. What came of it is in the view. */
void keeper_open(struct keeper *keeper, unsigned seat);
/* Looks whether the token is still there and logged in. */
void keeper_look(struct keeper *keeper, unsigned seat);

enum keeper_outcome {
	KEEPER_LATER = 1,   /* not now: away, locked, or failing */
	KEEPER_REFUSED = 2, /* asking again is no use */
};

/* A PIN that an operator typed; empty where it is to be typed on the token's pad. Kept in locked
 * memory, to log in again with. 0, or an outcome with @ret_reason, or -errno. */
_checked_ int keeper_login(struct keeper *keeper, unsigned seat, struct span pin,
			   char **ret_reason);

struct keeper_birth {
	struct span so_pin, pin;
	const char *label; /* at most 32 bytes */
};
/* Initialises the one uninitialised token there is, and opens it. As keeper_login(). */
_checked_ int keeper_init_token(struct keeper *keeper, unsigned seat,
				const struct keeper_birth *birth, char **ret_reason);

/* Something to be done with the token. */
struct keeper_deed {
	enum watch_operation operation;
	bool writable;	 /* needs a writable session: a new one each time */
	bool repeatable; /* may be done again when nobody knows whether it was */
	/* 0 where it was done, whatever came out (in @context); -errno of hsm/ where not. */
	int (*act)(struct hsm_session *session, void *context);
};
/* 0; KEEPER_LATER with @ret_reason; -errno (-ENOMEM). */
_checked_ int keeper_do(struct keeper *keeper, unsigned seat, const struct keeper_deed *deed,
			void *context, char **ret_reason);
