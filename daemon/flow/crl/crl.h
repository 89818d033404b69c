/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signs and publishes the server's CRL, those of a series ahead with the first of a shadow, and the
 * own ones of generations that another displaced. Revocations that come while one is being signed
 * go into the next. A CRL lists the revoked certificates of every generation: all have the server's
 * name as their issuer.
 *
 * Whose key signs which, the brain says (ca/crl.h). All take their numbers from one sequence of the
 * server. With each CRL of the active one what was signed ahead is signed again with fresh numbers;
 * an own one leaves it, for it may be all there is while the active one's token is away. So the
 * numbers that one key signed always rise with thisUpdate.
 *
 * Each gives 0, FLOW_LATER, FLOW_REFUSED where the server has no active generation or the time is
 * not known, -errno.
 */

#include "daemon/flow/flow.h"

/* Signs one now, and what is wished for ahead with fresh numbers. */
_checked_ int flow_sign_crl(struct flow *flow, struct authority *authority, const char *actor,
			    int64_t now_s);
/* The same with another wish: until when CRLs are to be signed ahead, 0 for no longer. Then, alone,
 * it is FLOW_LATER where what is ahead can't be signed now; else that is done when its token is
 * back. */
_checked_ int flow_sign_crl_until(struct flow *flow, struct authority *authority, const char *actor,
				  int64_t until_s, int64_t now_s);
/* As flow_sign_crl(), where one is due; what somebody else signed since it was planned is left at
 * that. */
_checked_ int flow_renew_crl(struct flow *flow, struct authority *authority, int64_t now_s);
/* Signs what is missing of the series that is wished for, one by one: what was signed when the
 * token goes stays. */
_checked_ int flow_sign_crl_ahead(struct flow *flow, struct authority *authority, int64_t now_s);
/* Of the displaced generation with this number: its own, where that is due. */
_checked_ int flow_sign_own_crl(struct flow *flow, struct authority *authority, unsigned number,
				int64_t now_s);
/* The newest of those signed ahead whose thisUpdate has come becomes the server's CRL. Needs no
 * token. */
_checked_ int flow_publish_crl_ahead(struct flow *flow, struct authority *authority, int64_t now_s);

/* After a commit that brought a CRL, by who holds the server's claim: what is in memory follows,
 * then the public files. -errno. */
_checked_ int flow_crl_changed(struct flow *flow, struct authority *authority, int64_t now_s);
