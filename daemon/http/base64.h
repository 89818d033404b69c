/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From what a client sent as a PKIOperation's message to the DER or BER of it. Only its first byte
 * is looked at here: reading it is clavigerd's.
 */

#include "daemon/base/bytes.h"

enum base64_outcome {
	BASE64_EMPTY = 1,      /* there is no message */
	BASE64_UNREADABLE = 2, /* neither base64 nor, in a body, a SEQUENCE */
};

/* The value of message= in a GET: percent escapes, then base64 in any spelling (RFC 8894 §4.1 and
 * what clients make of it). -ENOMEM. */
_checked_ int base64_read_query(struct span value, struct bytes *ret);
/* The body of a POST: binary, or base64 as text. -ENOMEM. */
_checked_ int base64_read_body(struct span body, struct bytes *ret);
