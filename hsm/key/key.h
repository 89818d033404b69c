/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A private key as everything above sees it: it takes the whole to-be-signed and gives a signature,
 * or takes an encrypted content key and gives it opened. Where it lies, on a token behind
 * claviger-token or (in unit tests) in software, is hidden here. No digest crosses this line, so
 * that the token's process can read what it signs.
 *
 * A struct key is immutable, shared by threads, and counted.
 */

#include "daemon/base/bytes.h"
#include "daemon/base/crypto.h"

struct key;

enum key_outcome {
	KEY_LATER = 1,	 /* the token is away, locked or busy: nothing was done, ask again */
	KEY_REFUSED = 2, /* the key's charter forbids it: logged by the token's process */
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
 * Returns 0, a key_outcome (the reason is logged at debug), or -errno. Blocks for the token's
 * operation.
 */
_checked_ int key_sign(struct key *key, enum digest digest, struct span to_be_signed,
		       struct span audit_head, struct bytes *ret);

/*
 * Opens a content key of exactly @size bytes (1…64), RSAES-PKCS1-v1_5. A bad padding or length is
 * never told, nor a ciphertext that can be none: @ret then holds a pseudo-random value of @size
 * bytes, the same for the same ciphertext. Returns 0, KEY_LATER, KEY_REFUSED, or -errno. Source:
 * RFC 8017 §7.2.2, note; RFC 3218.
 */
_checked_ int key_unwrap(struct key *key, struct span encrypted, size_t size, struct secret *ret);

/* A software key from an unencrypted PKCS#8 or traditional PEM; for tests. -EINVAL. */
_checked_ int key_new_software(struct span pem, struct key **ret);
