/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How many CAs may stand below one. Pure.
 */

#include "daemon/x509/certificate.h"

/*
 * @ca: the certificate of the CA that is to issue; @superiors: those of the CAs above it, upwards,
 * DER after DER, empty for a root. @ret: the most CA certificates in a row that may follow below
 * it, -1 for as many as there are; a self-issued one above counts for nothing, as a path counts.
 * -EBADMSG where @superiors is no such row. Source: RFC 5280 §4.2.1.9, §6.1.4 (l), (m).
 */
_checked_ int x509_path_room(const struct x509_certificate *ca, struct span superiors,
			     int64_t *ret);
