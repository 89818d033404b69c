/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A CRL that this server's key signed elsewhere: an offline root's, brought to the machine that
 * publishes it, or a saved server's. Needs no token.
 */

#include "daemon/flow/enroll/hand.h"

/*
 * Takes in a CRL (DER): signed by the key of the active generation, with a number above all of
 * ours, or of one that another followed, above all of that key's; in force, and with every
 * certificate that is revoked here. What it lists of ours is revoked; what it lists of certificates
 * that the database never saw is kept, and on the CRLs that are signed here from then on.
 * Committed, then published. 0, FLOW_REFUSED with the reason, HAND_NOT_FOUND where the server is
 * not created, -errno.
 */
_checked_ int flow_import_crl(const struct hand *hand, struct span der, char **ret_reason);
