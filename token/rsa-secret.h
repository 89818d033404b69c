/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An RSA private key in the clear, in locked memory, on its way onto a token or off it: the DER as
 * it came (RFC 8017 §A.1.2, RFC 5208 §5) and its numbers, which borrow from it.
 */

#include "hsm/rsa-key-carry.h"

struct rsa_secret {
	struct secret der;
	struct span pkcs1; /* RSAPrivateKey */
	struct span pkcs8; /* PrivateKeyInfo; empty where it came without */
	struct hsm_rsa_parts parts;
};
/* Wipes. */
void rsa_secret_done(struct rsa_secret *key);

/* Takes @der over, an RSAPrivateKey of two primes or a PrivateKeyInfo with one in it. -EBADMSG
 * where it is none; @der is then left as it was. */
_checked_ int rsa_secret_read(struct secret *der, struct rsa_secret *ret);

/* Whether its numbers belong together and its primes are primes: a key of which a part was changed
 * gives signatures that tell its primes. 0, -EKEYREJECTED, -ENOMEM. Tens of milliseconds. */
_checked_ int rsa_secret_check(const struct rsa_secret *key);
