/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the kinds of key have in common. A kind embeds struct key as its first member, calls
 * key_init() when it is made, and is reached by its table of functions. Nobody outside of hsm/key
 * needs this.
 */

#include "hsm/key/key.h"
#include <stdatomic.h>

/* The largest ciphertext and content key that anybody gets to see: RSA-8192, and more than any
 * cipher's key. */
#define KEY_ENCRYPTED_MOST ((size_t)1024)
#define KEY_CONTENT_MOST   ((size_t)64)

/* As key_sign() and key_unwrap(), with sizes already checked. */
struct key_kind {
	int (*sign)(struct key *key, enum digest digest, struct span to_be_signed,
		    struct span audit_head, struct bytes *ret);
	int (*unwrap)(struct key *key, struct span encrypted, size_t size, struct secret *ret);
	void (*free)(struct key *key); /* after key_done() */
};

struct key {
	const struct key_kind *kind;
	atomic_uint references;
	struct bytes spki;
	uint8_t id[SHA256_SIZE];
};

/* Copies @spki and derives the name. The first reference is the caller's. -EINVAL where @spki is
 * empty, -ENOMEM; @key is left as it was then. */
_checked_ int key_init(struct key *key, const struct key_kind *kind, struct span spki);

/*
 * What is given instead of a content key that can't be had: @size bytes of HMAC over the ciphertext
 * under a secret of this process, so that it is the same each time and tells nothing.
 * Source: RFC 3218 §2.3.2.
 */
void key_pretend(struct span encrypted, size_t size, uint8_t ret[static KEY_CONTENT_MOST]);
