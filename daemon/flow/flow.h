/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every effect works with: the configuration, the database, the ways to the tokens, the
 * servers at run time. flow/ says how and in what order, never whether: that is decided in policy/
 * and ca/.
 *
 * A struct flow is a snapshot, counted: one configuration with its tokens and servers, over what
 * all snapshots of a process share (the database, the claims, what is known of the time). A job
 * takes a reference and keeps the snapshot it began with; a reload makes another. Every function
 * may be called from any worker thread and may block for a token or a disk. The time comes in as a
 * parameter.
 */

#include "daemon/conf/conf.h"
#include "daemon/flow/authority.h"
#include "daemon/flow/claims.h"
#include "daemon/flow/guesses.h"
#include "daemon/flow/time-source.h"
#include "daemon/store/store.h"
#include "hsm/key/token.h"

struct fetch_canceller;
struct flow_base;
struct key_use_keys;
struct key_use_tally;
struct notice_traps;
struct proposals;
struct storage;
struct witness;

struct flow {
	unsigned references;
	unsigned number;	/* rises from 1 with each snapshot of the process */
	struct flow_base *base; /* owns store, claims, guesses, storage and public_directory */
	struct conf *conf;
	struct store *store;
	struct token_link **tokens;    /* one per [Token] section, in its order */
	struct authority *authorities; /* one per [Server] section, in its order */
	struct claims *claims;
	struct storage *storage;
	struct guesses *guesses;
	struct witness *witness;	   /* of the audit chain; the base's, too */
	struct notice_traps *traps;	   /* that are to be sent; the base's, too */
	struct proposals *proposals;	   /* of TwoPersons=; the base's */
	struct fetch_canceller *canceller; /* of trustpoints; the base's */
	struct key_use_keys *key_use_keys; /* of other programs; the base's, as is what they did */
	struct key_use_tally *key_use_tally;
	struct time_source time;
	char *public_directory;
	/* Called, from any thread, after a change that may bring the next planned action forward.
	 */
	void (*on_change)(void *context);
	void *on_change_context;
	/* The same after what its files must follow: a certificate, a CRL. */
	void (*on_commit)(void *context);
	void *on_commit_context;
	/* The same after a change of a trustpoint. */
	void (*on_trustpoint)(void *context);
	void *on_trustpoint_context;
	/* The same after a request was recorded that an RA is to pass on. */
	void (*on_forward)(void *context);
	void *on_forward_context;
	/* The same after something was recorded that waits for a token, or may go on now. */
	void (*on_wait)(void *context);
	void *on_wait_context;
};

enum flow_outcome {
	/* The token is away, or another worker has the same in hand: nothing a client was told is
	 * lost; do the same again. */
	FLOW_LATER = 1,
	FLOW_REFUSED = 2, /* a rule forbids it; the reason is told beside */
	FLOW_RELAY = 3,	  /* it is for another server: flow_relay(), on a worker that may wait */
};

/* False where a reload has begun already and has not ended. */
bool flow_begin_reload(struct flow *flow);
void flow_end_reload(struct flow *flow);

/* Another reference; thread-safe. */
struct flow *flow_ref(struct flow *flow);
/* Gives it back. With the last one a snapshot's own tokens and servers go, with the last snapshot
 * unused serials are returned and the database is closed. */
struct flow *flow_unref(struct flow *flow);
void flow_unrefp(struct flow **flow);

/* NULL where there is no such section, and for a token that is called NULL: a transparent RA has
 * none. */
struct authority *flow_find_authority(struct flow *flow, struct span label);
struct token_link *flow_find_token(struct flow *flow, const char *name);
/* Tells main that a file may have to be written (storage.h). */
void flow_committed(struct flow *flow);
/* Whether no front end can bring SCEP messages, as main finds it; true where that is news. Any
 * thread. */
bool flow_set_http_missing(struct flow *flow, bool missing);
bool flow_is_http_missing(const struct flow *flow);
/* Tells main that timers may have to be armed anew. */
void flow_changed(struct flow *flow);
/* The same of trustpoints'. */
void flow_trustpoint_changed(struct flow *flow);
/* How often that was said in this process: what is known of trustpoints may be stale where it is
 * another number than before. */
unsigned flow_trustpoint_changes(const struct flow *flow);
/* The same of what RAs pass on. */
void flow_forward_changed(struct flow *flow);
/* The same of what waits for a token: something was recorded, or may go on now for another reason
 * than that its token is back. */
void flow_waits(struct flow *flow);
