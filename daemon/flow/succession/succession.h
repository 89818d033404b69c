/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What every step of a rollover has in common: one generation of a server, under that server's
 * claim, and one transaction with its audit event. Within flow/ alone.
 */

#include "daemon/flow/flow.h"
#include "daemon/ipc/audit-type.h"

struct succession {
	struct flow *flow;
	struct authority *authority;
	const char *actor; /* who did it; NULL: the daemon itself */
	int64_t now_s;
	pthread_mutex_t *claim;
	struct generations *generations;
	const struct generation *generation; /* the one that it is about; NULL: the server alone */
};
void succession_done(struct succession *succession);

/* Takes the claim and the generations as they are then, and finds the one with this number; 0 for
 * none. FLOW_REFUSED where there is none of that number. Fill in flow, authority, actor and now_s
 * before. */
_checked_ int succession_begin(struct succession *succession, unsigned number);

/*
 * Commits @change, with server, moment, generation and audit event filled in, and loads the
 * server's generations anew; @note may be NULL. What @generation pointed to is gone then.
 * FLOW_LATER where it was done by somebody else in between; -errno.
 */
_checked_ int succession_commit(struct succession *succession, struct store_change *change,
				enum audit_type type, const char *note);

/* The generation's key as its token's process tells of it; @ret is the caller's. FLOW_LATER where
 * nobody answers, FLOW_REFUSED where it is not there any more, -errno. */
_checked_ int succession_find_key(const struct succession *succession,
				  struct token_link **ret_token, struct token_key *ret);

/* "generation 2, serial 03, until 2030-…": what an audit event's note says of one. */
_checked_ int succession_describe(const struct ca_generation_record *generation, char **ret);

/* Why a rollover does not go on, as the last try of its steps found it: kept with the server until
 * a step succeeds. @reason is copied; NULL ends it. Thread-safe. */
void succession_note_trouble(struct authority *authority, const char *reason);
/* The same of a step's result, with @reason (may be NULL) where it has more to tell. */
void succession_note_failure(struct authority *authority, int result, const char *reason);
#define SUCCESSION_TROUBLE_SIZE 512
/* "" where there is none. */
void succession_tell_trouble(const struct authority *authority,
			     char ret[static SUCCESSION_TROUBLE_SIZE]);
