/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A certificate revoked, put on hold, or taken off it. The CRL follows by itself, as soon as the
 * token and a started server allow: that it can't be signed now stops no revocation.
 */

#include "daemon/flow/enroll/hand.h"

/* The reasons an operator may give, by the names of RFC 5280 §5.3.1 in any case. removeFromCRL (8)
 * is for delta CRLs, aACompromise (10) for attribute certificates. -1; a list of all in words. */
int revocation_reason_find(const char *name);
const char *revocation_reason_name(int reason); /* "unspecified" for one of neither */
const char *revocation_reason_list(void);

/* Revokes for good, or with certificateHold until it is released; what is on hold may be revoked
 * for good. Outcomes as in hand.h. */
_checked_ int flow_revoke_certificate(const struct hand *hand, const char *serial, int reason,
				      char **ret_reason);
/* Takes a certificate off hold: it is as good as before. */
_checked_ int flow_release_certificate(const struct hand *hand, const char *serial,
				       char **ret_reason);
