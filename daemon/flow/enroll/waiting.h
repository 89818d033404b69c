/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Requests that are authorised while the CA's token is away: with an exchange key that is there the
 * client gets a signed PENDING, and its certificate with a later message of the transaction, once
 * the token is back. Without one nothing can be opened or signed, and the message is parked.
 */

#include "daemon/flow/enroll/issue.h"

/* Whether what this turn authorises waits so now: asked before the key is, which may be long in
 * not answering. */
bool waiting_is_due(const struct scep_turn *turn);
/* Commits a new request that is authorised, with the one-time password that it spends (0 for none).
 * 0, ISSUE_CHANGED, -errno. */
_checked_ int waiting_record(const struct scep_turn *turn, struct ca_request_record *record,
			     const struct record_place *place, int64_t password_id,
			     const struct verdict *verdict);
/*
 * What a request of this transaction that waits comes to now, under the transaction's claim:
 * PENDING while it is somebody else's to decide, or the token is away still; else the certificate,
 * or what forbids it by now. 0, ISSUE_CHANGED, -errno.
 */
_checked_ int waiting_resume(const struct scep_turn *turn, struct ca_request_record *request,
			     struct scep_outcome *ret);
/*
 * Goes on with the requests of this server that are authorised and whose issuer's key is on @token,
 * which is back, at most @most of them: their clients find the certificates when they ask. How many
 * were decided; what failed is told in the log, and waits on.
 */
unsigned waiting_go_on(struct flow *flow, struct authority *authority, const char *token,
		       int64_t now_s, unsigned most);
