/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What becomes of an enrolment when something happens to it (enrollment.def). Pure: flow/ does the
 * effects, all that is recorded of one event in one transaction, after its key is destroyed where
 * that goes with it: what a crash leaves between is an enrolment whose key is lost.
 */

#include "daemon/ca/trustpoint-records.h"

enum trustpoint_event {
	TRUSTPOINT_EVENT_NO_ANSWER,  /* it was sent or polled, and nothing came back */
	TRUSTPOINT_EVENT_BAD_ANSWER, /* what came can't be used: HTML, another signer, another key
					…; the reason goes to `told` */
	TRUSTPOINT_EVENT_WAITS,	     /* PENDING */
	TRUSTPOINT_EVENT_GRANTED,    /* a certificate that may be installed (trust.h) */
	TRUSTPOINT_EVENT_REJECTED,   /* FAILURE */
	TRUSTPOINT_EVENT_TIMED_OUT,  /* RetryCount= tries */
	TRUSTPOINT_EVENT_CA_ENDED,   /* the CA that was asked ended or was replaced */
	TRUSTPOINT_EVENT_KEY_LOST,   /* its key is not on the token any more */
	TRUSTPOINT_EVENT_FORGOTTEN,  /* the CA knows no such request any more: RENEW begins anew,
					with the key that is there */
};

/* What is done, as bits. */
enum trustpoint_effect {
	TRUSTPOINT_EFFECT_COUNT = 1 << 0,   /* one more of tries, tried_s is now */
	TRUSTPOINT_EFFECT_RECOUNT = 1 << 1, /* tries is 0, tried_s is now */
	TRUSTPOINT_EFFECT_INSTALL = 1 << 2, /* the identity goes in */
	TRUSTPOINT_EFFECT_DROP = 1 << 3,    /* the enrolment goes out */
	TRUSTPOINT_EFFECT_REJECT = 1 << 4,  /* the trustpoint halts: CA_TRUSTPOINT_REJECTED */
	TRUSTPOINT_EFFECT_EXHAUST = 1 << 5, /* the trustpoint halts: CA_TRUSTPOINT_EXHAUSTED */
	TRUSTPOINT_EFFECT_DESTROY = 1 << 6, /* its key goes, where nobody else has it */
};

struct trustpoint_step {
	enum ca_enrollment_state next; /* 0: there is no enrolment any more */
	unsigned effects;
};
/* @state is one of the enum; @key_is_new as in its record. */
struct trustpoint_step trustpoint_enrollment_step(enum ca_enrollment_state state,
						  enum trustpoint_event event, bool key_is_new);
const char *trustpoint_event_name(enum trustpoint_event event); /* "no answer", … */

/* Of an enrolment whose TIME_OUT is due: TIMED_OUT, or CA_ENDED, after which RENEW begins anew. */
enum trustpoint_event trustpoint_give_up_event(const struct ca_trustpoint_state *state,
					       const struct ca_enrollment_record *enrollment,
					       int64_t now_s);

/* How RENEW asks: by the identity in force, where its CA is still the active one and told the
 * capability Renewal; else as if for the first time. So does an operator after a rejection: a CA
 * that revoked the identity takes nothing that it signs. */
enum ca_enrollment_kind trustpoint_enrollment_kind_for(const struct ca_trustpoint_state *state,
						       int usage, int64_t now_s);
