/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A CRL from the CA itself, by SCEP's GetCRL (RFC 8894 §3.3.4). Inside validate.h; nobody else's.
 */

#include "daemon/flow/validate/crl.h"

/* Asks the CA of search->anchor's trustpoint, in the name of the identity that is in force. 0; 1
 * with *ret_reason (the caller's) where none is to be had; -errno. */
_checked_ int validate_scep_crl(const struct crl_search *search, const char *name,
				struct bytes *ret, char **ret_reason);
