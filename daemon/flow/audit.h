/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Audit events in words: what is written into the chain in the transaction of the change it
 * records.
 */

#include "daemon/ca/records.h"
#include "daemon/flow/outcome.h"
#include "daemon/store/store.h"

struct audit_event {
	struct store_audit row;
	char *type, *actor, *details;
};
void audit_done(struct audit_event *event);

/* "request.STATE". */
_checked_ int audit_of_request(const struct ca_request_record *request, const char *actor,
			       struct audit_event *ret);
/* "certificate.issue". */
_checked_ int audit_of_issue(const struct ca_certificate_record *certificate,
			     const struct ca_request_record *request, const char *actor,
			     struct audit_event *ret);
/* Any other: details are {"label": …, "note": …}; @note may be NULL. */
_checked_ int audit_of_act(const char *type, const char *actor, const char *label, const char *note,
			   struct audit_event *ret);

/* An alarm of policy's: logged at once at warning; the request's own event carries it too. */
void audit_alarm(const struct scep_turn *turn, const struct verdict *verdict);
