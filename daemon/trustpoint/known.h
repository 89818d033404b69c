/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether a CA that answers is one that is recorded. Pure. Source: RFC 8894 §2.2, §4.2.
 */

#include "daemon/trustpoint/ca.h"

/* How an answer to GetCACert stands to the anchors that are recorded. Nobody signs it: an RA's
 * certificate counts where one of that name was accepted with the CA. */
enum trustpoint_known {
	TRUSTPOINT_KNOWN_SAME,	    /* the active one, and the same others */
	TRUSTPOINT_KNOWN_REFRESHED, /* the active one; the others are new: @ret has them */
	TRUSTPOINT_KNOWN_NEXT,	    /* the one that will take over */
	TRUSTPOINT_KNOWN_STRANGER,  /* a CA, but none of them; @ret is untouched */
	/* No CA's certificate came, or one that can't be read: the server's trouble, and nothing to
	 * ask an operator about. @ret is untouched. */
	TRUSTPOINT_KNOWN_NOTHING,
};
enum trustpoint_known trustpoint_ca_recognize(const struct ca_trustpoint_state *state,
					      const struct span *certificates, size_t n,
					      int64_t now_s, struct trustpoint_ca *ret);

/* What was accepted with @active goes on to count with @next, which it said is to follow it: RAs'
 * certificates of it whose names none of @next's has are recorded with that. They are of no use
 * under it; but an RA of such a name that shows one of @next's, once that is in force, is known.
 * Borrowed from @active. */
void trustpoint_ca_hand_on(const struct ca_anchor_record *active, struct trustpoint_ca *next);
