/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one path to a certificate: a permit from policy, a serial reserved durably, the to-be-signed
 * built, the token's signature, and one transaction that commits certificate, request, password and
 * audit.
 */

#include "daemon/flow/record.h"

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

/* ISSUE_CHANGED: what it was decided on is no longer so; decide again. */
enum issue_outcome { ISSUE_LATER = FLOW_LATER, ISSUE_CHANGED = 3 };
/* @ret: the certificate, whole DER. The request is GRANTED then, and its ids are set. */
_checked_ int flow_issue(struct flow *flow, const struct issue_order *order, struct bytes *ret);
