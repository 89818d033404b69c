/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one path to a certificate: a permit from policy, a serial reserved durably, the to-be-signed
 * built, the token's signature, and one transaction that commits certificate, request, password and
 * audit.
 */

#include "daemon/ca/records.h"
#include "daemon/flow/flow.h"
#include "policy/verdict.h"

struct issue_order {
	const struct permit *permit; /* of the verdict; asserted to be policy's */
	struct authority *authority;
	const struct generation *issuer;
	struct ca_request_record *request; /* with csr and class; state AUTHORIZED */
	int64_t expected_newest; /* where the request is new: what stands in its transaction */
	int64_t superseded;
	int64_t password_id;
	const char *actor; /* for the audit */
	int64_t now_s;
};

/* ISSUE_CHANGED: what it was decided on is no longer so; decide again. */
enum issue_outcome { ISSUE_LATER = FLOW_LATER, ISSUE_CHANGED = 3 };
/* @ret: the certificate, whole DER. The request is GRANTED then, and its ids are set. */
_checked_ int flow_issue(struct flow *flow, const struct issue_order *order, struct bytes *ret);
