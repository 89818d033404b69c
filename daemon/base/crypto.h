/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The primitives, all by OpenSSL's EVP; its error queue ends here. Public keys are imported once
 * per use from modulus and exponent (EVP_PKEY_fromdata), never through a decoder. Nothing here
 * holds a private key: that is hsm/key.
 *
 * crypto_init() comes first in every main: it keeps the system's openssl.cnf, and with it other
 * providers, out of this process. What other programs load uses crypto_attach() instead.
 */

#include "daemon/base/bytes.h"
#include "daemon/base/oid.h"
#include <openssl/types.h>

#define DIGEST_SIZE_MAX 64
#define SHA256_SIZE	32

enum digest {
	DIGEST_NONE,
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
};

enum cipher {
	CIPHER_NONE,
	CIPHER_DES_CBC,
	CIPHER_DES_EDE3_CBC,
	CIPHER_AES128_CBC,
	CIPHER_AES192_CBC,
	CIPHER_AES256_CBC,
};

struct rsa_public;

/* Before anything else of OpenSSL's. Loads no configuration. */
void crypto_init(void);

/*
 * In a program that is not ours: until crypto_detach() our algorithms come from a library context
 * of their own, so that the program's configuration neither reaches us nor is kept from the
 * program. Everything is fetched here, so that threads and forked children find no lock taken.
 * Counted.
 *
 * @ret  that context, borrowed until crypto_detach(): OpenSSL's default provider alone
 * Returns 0 or -ENOMEM.
 */
_checked_ int crypto_attach(OSSL_LIB_CTX **ret);
/* The last one frees what crypto_attach() made. */
void crypto_detach(void);

const char *digest_name(enum digest digest);   /* "sha256" */
enum digest digest_find(const char *name);     /* DIGEST_NONE where unknown */
enum oid digest_oid(enum digest digest);       /* OID_SHA256 */
enum oid digest_rsa_oid(enum digest digest);   /* OID_SHA256_WITH_RSA */
enum digest digest_find_oid(enum oid oid);     /* of a digest OID */
enum digest digest_find_rsa_oid(enum oid oid); /* of a shaNWithRSAEncryption OID */
size_t digest_size(enum digest digest);	       /* bytes */

/* The digest of @data into @ret, which holds DIGEST_SIZE_MAX bytes; how many it took. Asserts that
 * OpenSSL knows the digest. Does not block. */
size_t digest_compute(enum digest digest, struct span data, uint8_t ret[static DIGEST_SIZE_MAX]);
void sha256(struct span data, uint8_t ret[static SHA256_SIZE]);
void hmac_sha256(struct span key, struct span data, uint8_t ret[static SHA256_SIZE]);
/* DER of DigestInfo over @data (RFC 8017 §9.2): what CKM_RSA_PKCS pads and signs. @ret holds at
 * most DIGEST_SIZE_MAX + 32 bytes; how many it took. */
size_t digest_info(enum digest digest, struct span data, uint8_t ret[static DIGEST_SIZE_MAX + 32]);
/* The same of a digest that was computed already. */
size_t digest_info_of(enum digest digest, struct span hash,
		      uint8_t ret[static DIGEST_SIZE_MAX + 32]);

const char *cipher_name(enum cipher cipher);
enum oid cipher_oid(enum cipher cipher);
enum cipher cipher_find_oid(enum oid oid);
size_t cipher_key_size(enum cipher cipher);
size_t cipher_block_size(enum cipher cipher);

/* CBC with PKCS#7 padding (RFC 5652 §6.3). @key and @iv have the cipher's own sizes. Single DES is
 * done as 3DES with three equal keys, so that OpenSSL's legacy provider is not needed. */
_checked_ int cipher_encrypt(enum cipher cipher, struct span key, struct span iv, struct span plain,
			     struct bytes *ret);
/* -EBADMSG where the size or the padding is wrong. The result is the caller's to wipe where it
 * matters. */
_checked_ int cipher_decrypt(enum cipher cipher, struct span key, struct span iv,
			     struct span sealed, struct bytes *ret);

/* As cipher_decrypt(), into locked memory: for private keys. -EBADMSG where the padding is wrong.
 */
_checked_ int cipher_open(enum cipher cipher, struct span key, struct span iv, struct span sealed,
			  struct secret *ret);
/* Opens AES key wrap with padding (RFC 5649) under 32 bytes of key. -EBADMSG where it was changed
 * or the key is another. */
_checked_ int key_wrap_open(struct span wrapping_key, struct span wrapped, struct secret *ret);

/* Fills from the kernel's generator; aborts where that fails. */
void random_fill(void *data, size_t size);

/*
 * A public key from big-endian modulus and exponent.
 * -EKEYREJECTED where the modulus is even or has under 512 or over 8192 bits, or the exponent is
 * even, 1 or has over 64 bits.
 */
_checked_ int rsa_public_new(struct span modulus, struct span exponent, struct rsa_public **ret);
struct rsa_public *rsa_public_free(struct rsa_public *key);
void rsa_public_freep(struct rsa_public **key);
size_t rsa_public_bits(const struct rsa_public *key);
/* RSASSA-PKCS1-v1_5. 0 where the signature is right, -EBADMSG where it is not. */
_checked_ int rsa_public_verify(const struct rsa_public *key, enum digest digest,
				struct span message, struct span signature);
/* The same of a DigestInfo, as digest_info() makes it. */
_checked_ int rsa_public_verify_info(const struct rsa_public *key, struct span info,
				     struct span signature);
/* RSAES-PKCS1-v1_5, for a content key. */
_checked_ int rsa_public_encrypt(const struct rsa_public *key, struct span plain,
				 struct bytes *ret);

/* Why a key must not be certified: a rule's name ("ROCA", "close primes", "small factor",
 * "exponent", "size") or NULL. @least_bits is the policy's floor. Pure. Source: CVE-2017-15361, RFC
 * 8017. */
const char *rsa_weakness(struct span modulus, struct span exponent, size_t least_bits);
