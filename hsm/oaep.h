/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Undoes RSAES-OAEP where raw RSA left a block, in time that depends on its size alone until it is
 * known whether all of it is right: which part was wrong is not told, not even by the time
 * (Manger 2001). Pure. Source: RFC 8017 §7.1.2.
 */

#include "daemon/base/rsa-scheme.h"

/*
 * @opening  without fault for this modulus
 * @block    as long as the modulus; unmasked where it stands
 * @ret      the content: a part of @block
 * 0, or OAEP_WRONG.
 */
enum oaep_outcome { OAEP_WRONG = 1 };
_checked_ int oaep_open(const struct rsa_opening *opening, struct secret *block, struct span *ret);
