/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "daemon/x509/name.h"
#include "policy/grant.h"

#define CLASS_RA_MARK "ioscs RA" /* what makes a subject an RA's, in CN or OU */

/* Of which class somebody is by the name (DER) alone, of whom it is known that he is no CA. */
static inline enum grant_class class_of_name(struct span subject)
{
	return x509_name_mentions(subject, CLASS_RA_MARK) ? GRANT_CLASS_RA : GRANT_CLASS_ROUTER;
}
