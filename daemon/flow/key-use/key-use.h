/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What other programs ask of a router's key over key.sock: read, admitted by the [Use] sections,
 * done by the key's token, counted. Whether it may be is policy/key-use's word; the token's process
 * asks that again by itself.
 *
 * A question goes: flow_key_use_read(), flow_key_use_admit(); where that says so
 * flow_key_use_look() and admit again; flow_key_use_do(). Admitting waits for nobody, so that it
 * may be done on an event loop; looking and doing may take seconds.
 */

#include "daemon/base/rsa-scheme.h"
#include "daemon/flow/flow.h"
#include "daemon/ipc/channel.h"
#include <sys/types.h>

struct conf_use;

/* A program at the other end of a connection, and what was looked up of it. */
struct key_use_program {
	uid_t uid;
	pid_t pid;
	int process;	   /* base/peer-process.h of it, borrowed; -1: not known */
	unsigned snapshot; /* whose sections it was looked up for; 0: not yet */
	char *user;	   /* the name of its user, or its number */
	bool nameless;	   /* for want of an answer: it is asked for at each question */
	char *unit;	   /* the one of those that sections name to which it belongs; NULL */
};
/* Accepts the zeroed struct. */
void key_use_program_done(struct key_use_program *program);

struct key_use_question {
	enum ipc_number number;
	char name[129];		    /* without a # at its end */
	struct span id;		    /* of the key that the program knows, or nothing */
	struct span message;	    /* to be signed, or encrypted */
	struct rsa_scheme scheme;   /* of KEY_SIGN */
	struct rsa_opening opening; /* of KEY_OPEN */
};
/* @ret borrows from @packet. -EBADMSG where it is none of KEY_PUBLIC, KEY_SIGN, KEY_OPEN. */
_checked_ int flow_key_use_read(const struct ipc_packet *packet, struct key_use_question *ret);

/* Why something is not done: a sentence for the program's error text. */
struct key_use_failure {
	enum ipc_failure code;
	char *reason;
};
/* Accepts the zeroed struct. */
void key_use_failure_done(struct key_use_failure *failure);

struct key_use_turn {
	struct flow *flow;
	struct key_use_program *program;
	const struct key_use_question *question;
	bool looked; /* flow_key_use_look() was called for it */
	int64_t now_s;
	int64_t now_ms; /* monotonic */
};

/* What was admitted. Borrows from the turn's flow, but for the key. */
struct key_use_permit {
	struct key *key;
	const char *token;	    /* the name of its [Token] section */
	const struct conf_use *use; /* the section that let it happen */
	unsigned kind;		    /* one bit of enum key_use; 0 of KEY_PUBLIC */
};
/* Accepts the zeroed struct. */
void key_use_permit_done(struct key_use_permit *permit);

enum key_use_outcome {
	KEY_USE_LOOK = 1,   /* something must be looked up first: flow_key_use_look() */
	KEY_USE_FAILED = 2, /* *ret_failure says why */
};
/* Waits for nobody. A refusal is counted and, once a minute, logged. 0, an outcome, -errno. */
_checked_ int flow_key_use_admit(const struct key_use_turn *turn, struct key_use_permit *ret,
				 struct key_use_failure *ret_failure);
/* Who the program is, and which key it means. Blocks for user databases, the database, the tokens'
 * processes. -errno. */
_checked_ int flow_key_use_look(const struct key_use_turn *turn);

struct key_use_answer {
	struct bytes signature;
	struct secret content; /* of KEY_OPEN */
};
/* Accepts the zeroed struct. */
void key_use_answer_done(struct key_use_answer *answer);
/* What was admitted and is not done in time, whoever still waits for the token: told as a refusal
 * is. KEY_USE_FAILED, -ENOMEM. */
_checked_ int flow_key_use_late(const struct key_use_turn *turn,
				const struct key_use_permit *permit, struct key_use_failure *ret);
/* Signs or opens; counts it. Blocks for the token. 0, KEY_USE_FAILED with *ret_failure, -errno. Not
 * of KEY_PUBLIC: that is key_spki(). */
_checked_ int flow_key_use_do(const struct key_use_turn *turn, const struct key_use_permit *permit,
			      struct key_use_answer *ret, struct key_use_failure *ret_failure);

/* What could not be done by an error of ours, an errno: told as a refusal is. KEY_USE_FAILED,
 * -ENOMEM. */
_checked_ int flow_key_use_fail(const struct key_use_turn *turn, int error,
				struct key_use_failure *ret);
/* Tells the log how often refusals came again whose minute is over. */
void flow_key_use_tell(struct flow *flow, int64_t now_ms);
