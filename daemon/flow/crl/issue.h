/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What crl.c signs CRLs with: one after the other, from the list of the revoked to the database.
 * Within flow/ alone. */

#include "daemon/ca/crl.h"
#include "daemon/flow/flow.h"
#include "daemon/ipc/audit-type.h"

/* What one or several CRLs are signed from, under the server's claim: one number after the other,
 * whosever key signs. */
struct crl_issue {
	struct flow *flow;
	struct authority *authority;
	pthread_mutex_t *claim;
	struct generations *generations;
	const struct generation *active;
	struct ca_server_record record;
	const char *actor;
	int64_t now_s;
};
void crl_issue_done(struct crl_issue *issue);

/* Takes the claim, and the server as it is then. Fill in flow, authority, actor and now_s before.
 * FLOW_REFUSED where no generation is active, -errno. */
_checked_ int crl_issue_begin(struct crl_issue *issue);

/*
 * One CRL with the next number, by the key of the generation that @times names. The rest of @change
 * says what becomes of it (crl_is_ahead, crl_is_own) and what is recorded along with it. 0,
 * FLOW_LATER where its token is away, -errno.
 */
_checked_ int crl_issue_sign(struct crl_issue *issue, const struct ca_crl_times *times,
			     struct store_change *change);

/* Commits @change with its audit event, about the CRL with this @number; @signer NULL: the active
 * generation, or what is known with the number. -EBUSY where it can't be any more, -errno. */
_checked_ int crl_issue_commit(const struct crl_issue *issue, enum audit_type type,
			       struct store_change *change, uint64_t number,
			       const struct generation *signer);
