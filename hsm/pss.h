/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The padding of RSASSA-PSS, for tokens that don't do it themselves. Pure. Source: RFC 8017 §9.1.1.
 */

#include "daemon/base/rsa-scheme.h"

/* Whether it fits: the encoded message has a bit less than the modulus. */
bool pss_fits(const struct rsa_scheme *scheme, size_t modulus_bits);

/*
 * The block that is signed by raw RSA, as long as the modulus and less than it.
 *
 * @hash   the digest that is signed
 * @salt   as many bytes as the scheme has it, random
 * @ret    (modulus_bits + 7) / 8 bytes
 * pss_fits().
 */
void pss_encode(const struct rsa_scheme *scheme, struct span hash, struct span salt,
		size_t modulus_bits, uint8_t *ret);
