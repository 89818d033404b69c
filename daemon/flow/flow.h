/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every effect works with: the configuration, the database, the ways to the tokens, the
 * servers at run time. flow/ says how and in what order, never whether: that is decided in policy/
 * and ca/.
 *
 * One struct flow serves the whole process; every function may be called from any worker thread and
 * may block for a token or a disk. The time comes in as a parameter.
 */

#include "daemon/conf/conf.h"
#include "daemon/flow/authority.h"
#include "daemon/flow/claims.h"
#include "daemon/flow/time-source.h"
#include "daemon/store/store.h"
#include "hsm/key/token.h"
#include <pthread.h>

struct flow {
	struct conf *conf;
	struct store *store;
	struct token_link **tokens;    /* one per [Token] section, in its order */
	struct authority *authorities; /* one per [Server] section, in its order */
	struct claims *claims;
	struct time_source time;
	char *public_directory;
	/* Called, from any thread, after a change that may bring the next planned action forward.
	 */
	void (*on_change)(void *context);
	void *on_change_context;
};

enum flow_outcome {
	/* The token is away, or another worker has the same in hand: nothing a client was told is
	 * lost; do the same again. */
	FLOW_LATER = 1,
	FLOW_REFUSED = 2, /* a rule forbids it; the reason is told beside */
};

/* Opens the database, makes the directories, loads the servers. Takes a reference to @conf. -errno,
 * logged. */
_checked_ int flow_open(struct conf *conf, struct flow **ret);
/* Returns unused serials and closes everything; no worker may be inside. */
struct flow *flow_close(struct flow *flow);
void flow_closep(struct flow **flow);

/* NULL where there is no such section. */
struct authority *flow_find_authority(struct flow *flow, struct span label);
struct token_link *flow_find_token(struct flow *flow, const char *name);
/* Tells main that timers may have to be armed anew. */
void flow_changed(struct flow *flow);
