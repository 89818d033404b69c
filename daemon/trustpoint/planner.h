/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a trustpoint does next by itself, and when (planner.def). Pure, as daemon/ca/planner.h: the
 * caller arms one timer at the earliest moment, does what is due and asks again. Each action can be
 * repeated harmlessly after a crash.
 */

#include "daemon/ca/trustpoint-records.h"

enum trustpoint_action {
	TRUSTPOINT_ACTION_NONE,
	TRUSTPOINT_ACTION_CHANGE_OVER,	/* records and tells that an anchor or identity took over */
	TRUSTPOINT_ACTION_EXPORT,	/* the files in ExportDirectory= */
	TRUSTPOINT_ACTION_AUTHENTICATE, /* fetches the CA's certificate and compares Fingerprint= */
	TRUSTPOINT_ACTION_SEND,		/* an enrolment that got no answer, once more */
	TRUSTPOINT_ACTION_POLL,
	/* An enrolment is given up: trustpoint_give_up_event() tells why. With id 0: RENEW, SHADOW
	 * and all are (halt EXHAUSTED): record.failures came to RetryCount=. */
	TRUSTPOINT_ACTION_TIME_OUT,
	/* Begins an enrolment for the usage: trustpoint_enrollment_kind_for() tells which. Before
	 * the CA is authenticated it is tried all the same, in vain: a failure, and no message. */
	TRUSTPOINT_ACTION_RENEW,
	/* With usage 0 GetNextCACert, id is the active anchor's; with a usage the enrolment under
	 * the next anchor, whose id it has. */
	TRUSTPOINT_ACTION_SHADOW,
	TRUSTPOINT_ACTION_RELABEL_KEY, /* drops the `#` */
	/* Of an identity that another took over from, after a grace: the key, then its record says
	 * key_destroyed_s. */
	TRUSTPOINT_ACTION_DESTROY_KEY,
	/* The record goes of an identity (with a usage) that another took over from and whose key
	 * is destroyed or another's too; of an anchor (usage 0) that nothing refers to any more. */
	TRUSTPOINT_ACTION_FORGET,
	TRUSTPOINT_ACTION_EXPIRE, /* nothing to do: the identity ends */
};
const char *trustpoint_action_name(enum trustpoint_action action); /* "RENEW", "SHADOW", …; "" */

/* What the configuration says. */
struct trustpoint_policy {
	bool by_scep;	    /* EnrollmentURL= is one, not terminal */
	bool authenticates; /* Fingerprint= is set */
	bool usage_keys;    /* two identities (signature, encryption) instead of one (general) */
	unsigned percent;   /* AutoEnroll=: 10…100, 0: off */
	bool regenerates;
	unsigned retry_count;
	int64_t retry_period_s;
	/* Of a server's own (Mode=subordinate, ra), which enrols at once where it has no identity,
	 * never gives up for want of answers, and for whose keys the server's planner cares: they
	 * are neither relabelled nor destroyed here, and what was superseded is forgotten. Each
	 * successor has a new key. */
	bool serves;
	bool is_ca;	   /* its identity is a CA certificate: a successor takes over when it ends,
			      and is asked for when the last of them in line ends (line.h) */
	bool is_wanted;	   /* the server is created: nothing is asked for before */
	bool is_stopped;   /* by its operator: it has no successor made */
	int64_t overlap_s; /* AutoRollover=, how long before its end the next one is asked for, in
			      the place of percent; 0: not at all */
	int64_t wish_s;	   /* since when a successor is wanted by hand; 0: it is not */
	int64_t cancelled_s; /* the newest cancel: by itself it comes half-way between that and the
				end; 0 for none */
	bool export_due;     /* the files are not what they should be, or a unit was not told */
};

struct trustpoint_plan {
	enum trustpoint_action action;
	int64_t when_s; /* may lie in the past: due now */
	int usage;	/* enum key_usage of what it is about; 0: the trustpoint, or an anchor */
	int64_t id;	/* of the anchor, identity or enrolment it is about; 0 for none */
};

/* That other programs use an identity's key. */
struct trustpoint_key_use {
	int64_t id; /* of the identity */
	int64_t last_s;
};

struct trustpoint_facts {
	const struct ca_trustpoint_state *state; /* with id 0 where nothing is recorded yet */
	struct trustpoint_policy policy;
	/* Keys of identities that other trustpoints have too, by id: never destroyed. */
	const int64_t *shared_keys;
	size_t n_shared_keys;
	const struct trustpoint_key_use *key_uses;
	size_t n_key_uses;
};
/* The next thing but for those in @except (n_except of them, told apart by action, usage and id);
 * action NONE where nothing is coming. Of what is due the upper row of planner.def comes first. */
struct trustpoint_plan trustpoint_plan_next(const struct trustpoint_facts *facts,
					    const struct trustpoint_plan *except, size_t n_except,
					    int64_t now_s);
/* Every coming event, what is due first, for `timers`; how many were written, at most @most. */
size_t trustpoint_plan_list(const struct trustpoint_facts *facts, int64_t now_s,
			    struct trustpoint_plan *ret, size_t most);

/* Whether nothing goes on until an operator says `trustpoint authenticate`: no anchor is in force
 * and none is coming, or the CA is a stranger. */
bool trustpoint_needs_authenticate(const struct ca_trustpoint_state *state, int64_t now_s);
/* Whether the wanted usage's identity in force came by hand, so that it is neither renewed nor
 * rolled over by itself. */
bool trustpoint_is_by_hand(const struct trustpoint_facts *facts, int64_t now_s);

/* Until when a pair goes on to stand after another took over from it, so that programs that have it
 * open finish what they do; but at most a tenth of the other certificate's life. And how long it
 * stands after one of them used it last, as long as its certificate is good. */
#define TRUSTPOINT_KEY_GRACE_S 3600
/* The pause after the @n-th try (from 1; none before it): @period_s, doubled each time, at most 8
 * h.
 */
int64_t trustpoint_pause_s(unsigned n, int64_t period_s);
/* When the identity is renewed: @percent of its life, brought forward by its jitter by at most a
 * fiftieth of it and at most a day (a fifth where the life is under an hour), but not by it to
 * before half of it; not at all where @percent is 100: its end. Where it came only after that,
 * @percent of what was left of it then, and a minute at least. */
int64_t trustpoint_renew_s(const struct ca_identity_record *identity, unsigned percent);
