/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* subjectAltName (RFC 5280 §4.2.1.6), compared; its names stay as they are encoded. */

#include "daemon/base/bytes.h"

/* Whether each GeneralName in @asked stands, byte for byte, in @held; both are contents of the
 * extension's OCTET STRING. False where either is malformed. */
bool x509_alt_names_within(struct span asked, struct span held);
