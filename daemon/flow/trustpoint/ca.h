/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom a trustpoint trusts: a CA's certificate fetched by GetCACert, or brought by hand, judged
 * (trustpoint/ca.h), accepted. Who accepts it, an operator or Fingerprint=, is the caller's to
 * know; nothing here is recorded before.
 * Source: RFC 8894 §2.2, §3.5.1, §4.2.
 */

#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/ca.h"

/* What a CA gave, or somebody brought, and which of it is the CA with what speaks for it. */
struct trustpoint_offer {
	struct scep_ca_answer answer;
	struct trustpoint_ca ca; /* borrows from it */
};
void trustpoint_offer_done(struct trustpoint_offer *offer);

/* Asks EnrollmentURL=. 0; FLOW_LATER where nobody answers, FLOW_REFUSED where what came is not to
 * be trusted whoever says so (it ended, it is no CA's, …), each with *ret_reason (the caller's);
 * -errno. Blocks for the server. */
_checked_ int trustpoint_fetch_ca(struct trustpoint_turn *turn, struct trustpoint_offer *ret,
				  char **ret_reason);
/* The same of what was brought: DER after DER, or PKCS#7. */
_checked_ int trustpoint_read_ca(struct trustpoint_turn *turn, struct span certificates,
				 struct trustpoint_offer *ret, char **ret_reason);

/* Certificates that were brought: DER after DER, or PKCS#7. -EBADMSG where they are none; -ENOMEM.
 * scep_ca_answer_done(). */
_checked_ int trustpoint_read_certificates(struct span brought, struct scep_ca_answer *ret);

/*
 * From now on this CA is the one that is trusted; another one's identities stay in use until they
 * are replaced. What stopped it from going on is over. GetCACaps is asked right after, where there
 * is a server: what that brings is no part of the result.
 * @actor: NULL for the daemon itself. FLOW_LATER, -errno.
 */
_checked_ int trustpoint_accept(struct trustpoint_turn *turn, const struct trustpoint_offer *offer,
				const char *actor, char **ret_reason);
/* Fetches, compares with Fingerprint=, and accepts. FLOW_REFUSED also where it is another, or there
 * is none to compare with; each with *ret_reason. */
_checked_ int trustpoint_authenticate(struct trustpoint_turn *turn, char **ret_reason);

/* Whether Fingerprint= is set, and this certificate's; false also where there is none. */
bool trustpoint_is_pinned(const struct conf_trustpoint *conf, const struct trustpoint_offer *offer);
