/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What becomes of a request: a value, not an error. Issuing needs a permit, and only policy makes
 * one: there is no other way to a certificate.
 */

#include "daemon/base/bytes.h"

enum verdict_decision { VERDICT_REFUSE = 0, VERDICT_PENDING, VERDICT_ISSUE };

enum verdict_alarm {
	VERDICT_ALARM_NONE,
	VERDICT_ALARM_PASSWORD_REUSE, /* a spent one-time password came again */
	VERDICT_ALARM_REVOKED_SIGNER,
	VERDICT_ALARM_COMPROMISED_KEY,
	VERDICT_ALARM_GUESSING,	  /* a peer tries one challenge after the other */
	VERDICT_ALARM_SHARED_KEY, /* the key is certified for another subject */
};
const char *verdict_alarm_name(enum verdict_alarm alarm); /* "password-reuse" … ; "" for none */

/* As SCEP numbers them (RFC 8894 §3.2.1.4). */
enum verdict_fail_info {
	VERDICT_BAD_ALG = 0,
	VERDICT_BAD_MESSAGE_CHECK = 1,
	VERDICT_BAD_REQUEST = 2,
	VERDICT_BAD_CERT_ID = 4
};

struct permit; /* complete in policy/ alone */

struct verdict {
	enum verdict_decision decision;
	enum verdict_fail_info fail_info; /* where refused */
	enum verdict_alarm alarm;
	const char *rule;   /* "Grant=manual", "RFC 8894 §2.4": constant text, never NULL */
	const char *reason; /* a sentence for the operator and, where refused, the client; constant,
			       never NULL */
	const struct permit *permit; /* not NULL where and only where decision is VERDICT_ISSUE */
};
/* A refusal, by whoever may refuse: everybody. Texts are constant. */
struct verdict verdict_refusal(enum verdict_fail_info fail_info, const char *rule,
			       const char *reason);
