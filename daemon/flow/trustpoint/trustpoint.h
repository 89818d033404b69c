/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What all that works on one trustpoint has in common: a turn, which is one trustpoint as it is
 * configured and recorded, under its claim, and one transaction with its audit event. A turn may
 * take as long as its CA's server lets it wait: never on the workers of operators' commands.
 */

#include "daemon/ca/trustpoint-records.h"
#include "daemon/flow/flow.h"
#include "daemon/flow/trustpoint/copy.h"
#include "daemon/ipc/audit-type.h"
#include "daemon/store/trustpoint.h"

struct trustpoint_turn {
	struct flow *flow; /* borrowed from the caller */
	const struct conf_trustpoint *conf;
	/* The server whose own trustpoint this is and that enrols by it (Mode=subordinate, ra);
	 * NULL for any other. Its identities are that server's CA or exchange certificates. */
	struct authority *server;
	int64_t now_s;
	struct ca_trustpoint_state state; /* as it is recorded now; id 0: nothing is yet */
	pthread_mutex_t *claim;
	/* Until when the CA's server asks not to be asked again (Retry-After); 0: it did not. */
	int64_t hold_until_s;
	unsigned timeout_s; /* of each question to its server; 0: TRUSTPOINT_TIMEOUT_S */
};

/*
 * Waits until nobody else works on this trustpoint, then loads it. 0; -ENOENT where there is no
 * such section; -errno. trustpoint_turn_done() is the caller's in either case.
 */
_checked_ int trustpoint_turn_begin(struct flow *flow, const char *name, int64_t now_s,
				    struct trustpoint_turn *ret);
/* The same for who only shows it: without the claim, so that nobody is waited for; nothing may be
 * committed. */
_checked_ int trustpoint_turn_look(struct flow *flow, const char *name, int64_t now_s,
				   struct trustpoint_turn *ret);
/* Accepts the zeroed struct. */
void trustpoint_turn_done(struct trustpoint_turn *turn);

/* An event of the audit: types trustpoint.*, whose details are trustpoint and note. */
struct trustpoint_act {
	enum audit_type type;
	const char *actor; /* NULL: the daemon itself */
	const char *note;  /* may be NULL */
};

/*
 * Commits @change, with name, revision, moment and audit event filled in, and loads the state anew:
 * what pointed into turn->state is gone then, also where it fails. Without @act (NULL) nothing is
 * audited: that a try brought nothing. Where nothing is recorded yet the trustpoint is recorded
 * first, with @change. FLOW_LATER where the record was changed by somebody else in between; -errno.
 */
_checked_ int trustpoint_commit(struct trustpoint_turn *turn,
				struct store_trustpoint_change *change,
				const struct trustpoint_act *act);

/* The same of a @whole whose trustpoint is set and that brings something of a server along, under
 * that one's claim: all of it, or nothing. Its own audit events are replaced. */
_checked_ int trustpoint_commit_whole(struct trustpoint_turn *turn, struct store_change *whole,
				      const struct trustpoint_act *act);

/* A copy of what is recorded of the trustpoint itself, to be changed and committed as
 * store_trustpoint_change.record; its texts are the copy's own. ca_trustpoint_record_done().
 * -ENOMEM. */
_checked_ int trustpoint_record_copy(const struct trustpoint_turn *turn,
				     struct ca_trustpoint_record *ret);

/*
 * Stops it from asking by itself until an operator acts; logged as an alarm, audited. @reason is
 * for people. @actor as above. As trustpoint_commit().
 */
_checked_ int trustpoint_halt(struct trustpoint_turn *turn, enum ca_trustpoint_halt halt,
			      const char *reason);
/* The same, and an enrolment is over with it. */
_checked_ int trustpoint_halt_dropping(struct trustpoint_turn *turn, enum ca_trustpoint_halt halt,
				       const char *reason, int64_t enrollment);
/* A try of authentication, RENEW or SHADOW brought nothing that could be used, or (@reason NULL)
 * it did: counted, and the reason kept. Writes nothing where nothing changes. */
_checked_ int trustpoint_note_failure(struct trustpoint_turn *turn, const char *reason);

/* Puts the reason, in the place of one that may stand there, and gives @outcome; -ENOMEM. */
_printf_(3, 4) int trustpoint_refuse(char **ret_reason, int outcome, const char *format, ...);

/* Whether the configuration has a URL to ask: EnrollmentURL= is set and is not terminal. */
bool trustpoint_is_online(const struct conf_trustpoint *conf);
/* The usages that it has an identity for each: general, or signature and encryption. */
struct trustpoint_usages {
	int items[2]; /* enum key_usage */
	size_t n;
};
struct trustpoint_usages trustpoint_usages(const struct conf_trustpoint *conf);

/* Ends what waits for claviger-fetch for a trustpoint, and every such try from here on. */
void trustpoint_cancel(struct flow *flow);
