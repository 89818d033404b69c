/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SubjectPublicKeyInfo of an RSA key (RFC 3279 §2.3.1): modulus and exponent as PKCS#11 tells them,
 * big-endian, and the DER by which everything above names a key. Pure.
 */

#include "daemon/base/bytes.h"

/* Leading zeros of either are dropped. -ENOMEM. */
_checked_ int spki_write(struct span modulus, struct span exponent, struct bytes *ret);
/* Without leading zeros; borrowed from @spki. -EBADMSG where it is anything else than such a key.
 */
_checked_ int spki_read(struct span spki, struct span *ret_modulus, struct span *ret_exponent);
