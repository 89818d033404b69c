/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What follows from several options together. Pure. */

#include "daemon/conf/conf.h"

/* How long a certificate of this server lasts: CertificateLifetime=, but at least one month less
 * than the CA's certificate (half its life, where that is under two months), so that the CA never
 * ends in the middle of what it issued last. A subordinate's own end is its superior's to say. */
int64_t conf_certificate_lifetime_s(const struct conf_server *server);
/* How long a subordinate CA's certificate of this server lasts: SubordinateLifetime=, else as long
 * as any. */
int64_t conf_subordinate_lifetime_s(const struct conf_server *server);
