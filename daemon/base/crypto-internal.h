/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Shared by the crypto-*.c files alone: OpenSSL's algorithms, fetched once for the whole process.
 * A fetch by name costs more than hashing a short message, and its lock is shared by all threads.
 */

#include "daemon/base/crypto.h"
#include <openssl/evp.h>

/* Never NULL; asserts on DIGEST_NONE. */
const EVP_MD *crypto_md(enum digest digest);
/* Never NULL; asserts on CIPHER_NONE. */
const EVP_CIPHER *crypto_evp_cipher(enum cipher cipher);
EVP_MAC *crypto_hmac(void);
/* Borrowed. */
EVP_PKEY *crypto_rsa_pkey(const struct rsa_public *key);
