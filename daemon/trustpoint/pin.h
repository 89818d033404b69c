/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Fingerprint= against the certificate of a CA. Pure. Source: RFC 8894 §2.2. */

#include "daemon/base/bytes.h"

enum trustpoint_pin {
	TRUSTPOINT_PIN_MATCHES,
	TRUSTPOINT_PIN_DIFFERS,
	TRUSTPOINT_PIN_MALFORMED, /* no MD5, SHA-1 or SHA-256 in hex */
};
/* Fingerprint= against a certificate, whole DER; blanks and colons between the digits are let
 * through. With an empty @certificate only its form is looked at: DIFFERS, or MALFORMED. */
enum trustpoint_pin trustpoint_pin_check(const char *fingerprint, struct span certificate);
