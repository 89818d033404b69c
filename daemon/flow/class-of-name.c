/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/class-of-name.h"
#include "daemon/x509/name.h"

#define RA_MARK "ioscs RA" /* what makes a subject an RA's, in CN or OU */

enum grant_class class_of_name(struct span subject)
{
	return x509_name_mentions(subject, RA_MARK) ? GRANT_CLASS_RA : GRANT_CLASS_ROUTER;
}
