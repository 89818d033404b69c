/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A private key as everything above sees it: it takes the whole to-be-signed and gives a signature,
 * or takes an encrypted content key and gives it opened. Where it lies, on a token behind
 * claviger-token, behind clavigerd's key.sock (service.h) or (in unit tests) in software, is hidden
 * here. For our own messages no digest crosses this line, so that the token's process can read what
 * it signs; other programs' uses (key_use(), key_open()) say in their scheme what they hand over.
 *
 * A struct key is immutable, shared by threads, and counted.
 */

#include "daemon/base/bytes.h"
#include "daemon/base/crypto.h"
#include "daemon/base/rsa-scheme.h"

/* The longest message that key_use() signs, in bytes. */
#define KEY_MESSAGE_MOST ((size_t)64000)

struct key;

enum key_outcome {
	KEY_LATER = 1,	   /* the token is away, locked or busy: nothing was done, ask again */
	KEY_REFUSED = 2,   /* the key's charter forbids it: logged by the token's process */
	KEY_NOT_THERE = 3, /* no such key; of key_use() and key_open() alone */
};

struct key *key_ref(struct key *key);
/* Returns NULL; accepts it. */
struct key *key_unref(struct key *key);
void key_unrefp(struct key **key);

/* DER SubjectPublicKeyInfo, borrowed from @key. */
struct span key_spki(const struct key *key);
/* SHA-256 of it: the key's name between our processes; 32 bytes, borrowed from @key. */
struct span key_id(const struct key *key);

/*
 * Signs with RSASSA-PKCS1-v1_5 over @digest.
 *
 * @to_be_signed  the whole DER that is signed
 * @audit_head    32 bytes that the token's process logs beside the signature, or the empty span
 * @ret           owned by the caller
 * Returns 0, KEY_LATER, KEY_REFUSED (the reason is logged at debug), or -errno; -EOPNOTSUPP by a
 * key of service.h. Blocks for the token's operation.
 */
_checked_ int key_sign(struct key *key, enum digest digest, struct span to_be_signed,
		       struct span audit_head, struct bytes *ret);

/*
 * Opens a content key of exactly @size bytes (1…64), RSAES-PKCS1-v1_5. A bad padding or length is
 * never told, nor a ciphertext that can be none: @ret then holds a pseudo-random value of @size
 * bytes, the same for the same ciphertext. Returns 0, KEY_LATER, KEY_REFUSED, or -errno;
 * -EOPNOTSUPP by a key of service.h. Source: RFC 8017 §7.2.2, note; RFC 3218.
 */
_checked_ int key_unwrap(struct key *key, struct span encrypted, size_t size, struct secret *ret);

/*
 * Signs for another program.
 *
 * @scheme      any; one that is impossible is -EINVAL
 * @message     what the scheme's input says: the whole message, at most KEY_MESSAGE_MOST bytes, its
 *              digest, or what is padded as it is
 * @ret         as long as the modulus; owned by the caller
 * @ret_reason  why it was not done, a sentence for people: set with every outcome and with -EINVAL,
 *              and else where somebody told; owned by the caller; may be NULL
 * Returns 0, a key_outcome, -EINVAL (this key can't ever do that), or -errno; a key of service.h
 * has outcomes of its own besides. Blocks for the token's operation. Source: RFC 8017 §8.
 */
_checked_ int key_use(struct key *key, const struct rsa_scheme *scheme, struct span message,
		      struct bytes *ret, char **ret_reason);

/*
 * Opens for another program what was encrypted to the key, whole.
 *
 * @encrypted   as long as the modulus, else -EINVAL
 * @ret         any number of bytes below the modulus', perhaps none. A bad padding of PKCS#1 v1.5
 * is never told: these are then other bytes, of another length, the same each time. One of OAEP is
 * -EINVAL
 * @ret_reason  as in key_use()
 * Returns as key_use(). Source: RFC 8017 §7.
 */
_checked_ int key_open(struct key *key, const struct rsa_opening *opening, struct span encrypted,
		       struct secret *ret, char **ret_reason);

/* A software key from an unencrypted PKCS#8 or traditional PEM; for tests. -EINVAL. */
_checked_ int key_new_software(struct span pem, struct key **ret);
