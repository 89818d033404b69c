/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Audit events in words: what is written into the chain in the transaction of the change it
 * records.
 */

#include "daemon/ipc/audit-type.h"
#include "daemon/store/store.h"
#include "policy/verdict.h"

struct audit_event {
	struct store_audit row;
	char *actor, *details;
};
void audit_done(struct audit_event *event);

/* "request.STATE", with the alarm of the verdict that brought it there. */
_checked_ int audit_of_request(const struct ca_request_record *request,
			       const struct verdict *verdict, const char *actor,
			       struct audit_event *ret);
/* "certificate.issue", likewise. */
_checked_ int audit_of_issue(const struct ca_certificate_record *certificate,
			     const struct ca_request_record *request, const struct verdict *verdict,
			     const char *actor, struct audit_event *ret);
/* Any other: details are {"server": …, "note": …}; @label, @note and @actor (the daemon itself) may
 * be NULL. */
_checked_ int audit_of_act(enum audit_type type, const char *actor, const char *label,
			   const char *note, struct audit_event *ret);

/* The same of a trustpoint: {"trustpoint": …, "note": …}. */
_checked_ int audit_of_trustpoint(enum audit_type type, const char *actor, const char *name,
				  const char *note, struct audit_event *ret);

/* Who asked, for the log. */
struct audit_party {
	const char *server; /* label */
	struct span peer, transaction_id;
};
/* An alarm of policy's, if the verdict has one: logged at once at warning; the request's own event
 * carries it too. */
void audit_alarm(const struct audit_party *party, const struct verdict *verdict);
