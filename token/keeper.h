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
#include "token/pin-rules.h"
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

/* An eventfd that becomes readable after each change of readers and what is in them. */
int keeper_readers_fd(const struct keeper *keeper);
/* Whether what changed since the last call is a reason to open the token anew. To be called by one
 * thread, and while no other opens it: what it finds itself is no news. */
bool keeper_readers_changed(struct keeper *keeper);

struct keeper_view {
	enum token_state state;
	enum presence_wait wait;
	unsigned tries;	    /* attempts since the last that went well */
	unsigned seats;	    /* that the token is worked with; 0 before it was open once */
	bool pin_helps;	    /* it is there, and waits for a PIN or for another one */
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
/* The same with the module loaded anew. */
void keeper_reload(struct keeper *keeper, unsigned seat);
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

struct keeper_survey {
	struct hsm_token_facts facts;
	struct pin_rules rules;
	bool pad;      /* its PINs are typed on its own pad */
	unsigned keys; /* on it that have a charter */
};
/* What keeper_init_token() would find. As keeper_login(). */
_checked_ int keeper_survey(struct keeper *keeper, unsigned seat, struct keeper_survey *ret,
			    char **ret_reason);

struct keeper_birth {
	struct span so_pin, pin; /* both empty where they are typed on its pad */
	const char *label;	 /* at most 32 bytes */
	struct span wipe;	 /* the serial of an initialised token that may be wiped; or none */
};
/* Initialises the one uninitialised token there is, or the one of URI=, and opens it. As
 * keeper_login(). */
_checked_ int keeper_init_token(struct keeper *keeper, unsigned seat,
				const struct keeper_birth *birth, char **ret_reason);

struct held_charter;
struct keeper_adoption {
	struct span pin; /* empty: what was typed before, or as PIN= has it */
	/* Puts on record that the key of this charter is on another token from now on. -errno. */
	int (*record)(void *context, const struct held_charter *held);
	void *context;
};
/* The token that is there holds the keys of the one before: each proves so with a fresh challenge
 * that no charter could mean, and only when all have (the audit's may be missing), their charters
 * get its serial. As
 * keeper_login(); REFUSED where a key is missing, too.
 * @ret_keys  how many charters were changed; none where they had this serial */
_checked_ int keeper_adopt(struct keeper *keeper, unsigned seat,
			   const struct keeper_adoption *adoption, unsigned *ret_keys,
			   char **ret_reason);

/* Something to be done with the token. */
struct keeper_deed {
	enum watch_operation operation;
	bool writable; /* needs a writable session: a new one each time */
	/* May be done again when nobody knows whether it was. One that may not answers -EACCES only
	 * where nothing was: it is done again once, after a new login. */
	bool repeatable;
	/* 0 where it was done, whatever came out (in @context); -errno of hsm/ where not. */
	int (*act)(struct hsm_session *session, void *context);
};
/* 0; KEEPER_LATER with @ret_reason; -errno (-ENOMEM). */
_checked_ int keeper_do(struct keeper *keeper, unsigned seat, const struct keeper_deed *deed,
			void *context, char **ret_reason);
/*
 * The same as the token's security officer, while nobody else works with the token, which is opened
 * anew afterwards; not repeated. KEEPER_REFUSED too, where the token doesn't take the SO PIN.
 */
_checked_ int keeper_do_as_officer(struct keeper *keeper, unsigned seat, struct span so_pin,
				   const struct keeper_deed *deed, void *context,
				   char **ret_reason);
