/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one path to a certificate: a permit from policy, a serial reserved durably, the to-be-signed
 * built, the token's signature, and one transaction that commits certificate, request, password and
 * audit.
 */

#include "daemon/flow/enroll/record.h"

struct issue_order {
	const struct verdict *verdict; /* its permit is asserted to be policy's */
	struct authority *authority;
	const struct generation *issuer;
	struct ca_request_record *request; /* with csr and class; state AUTHORIZED */
	struct record_place place;	   /* where the request is new */
	int64_t password_id;		   /* of the one-time password that is spent; 0 for none */
	const char *actor;		   /* for the audit */
	int64_t now_s;
};

/* ISSUE_CHANGED: what it was decided on is no longer so; decide again. ISSUE_LINT: what was built
 * breaks a rule, and nothing was signed. ISSUE_FORWARDED: an RA's request is recorded to be passed
 * on to its CA (forward.h), and there is no certificate yet. */
enum issue_outcome {
	ISSUE_LATER = FLOW_LATER,
	ISSUE_CHANGED = 3,
	ISSUE_LINT = 4,
	ISSUE_FORWARDED = 5
};
/* @ret: the certificate, whole DER. The request is GRANTED then, and its ids are set.
 * @ret_refusal: with ISSUE_LINT the rule. */
_checked_ int flow_issue(struct flow *flow, const struct issue_order *order, struct bytes *ret,
			 struct verdict *ret_refusal);
