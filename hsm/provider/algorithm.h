/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The AlgorithmIdentifier that stands beside a signature, in a certificate or a message. Pure.
 * Source: RFC 8017 §A.2.3, §A.2.4; RFC 4055 §3, §5.
 */

#include "daemon/base/rsa-scheme.h"

/*
 * DER of @scheme's, which has no fault and isn't RSA_INPUT_BARE.
 *
 * @ret  owned by the caller; at most 128 bytes, which is the room that OpenSSL 3.0 has for it
 * Returns 0 or -ENOMEM.
 */
_checked_ int prov_algorithm_write(const struct rsa_scheme *scheme, struct bytes *ret);
