/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the kinds of key have in common. A kind embeds struct key as its first member, calls
 * key_init() when it is made, and is reached by its table of functions. Nobody outside of hsm/key
 * needs this.
 */

#include "daemon/ipc/channel.h"
#include "hsm/key/key.h"
#include <stdatomic.h>

/* The largest ciphertext and content key that anybody gets to see: RSA-8192, and more than any
 * cipher's key. */
#define KEY_ENCRYPTED_MOST ((size_t)1024)
#define KEY_CONTENT_MOST   ((size_t)64)
/* As messages.def has them. */
#define KEY_LABEL_MOST ((size_t)256)
#define KEY_SPKI_MOST  ((size_t)2048)

/* As key_sign(), key_unwrap(), key_use() and key_open(), with sizes, scheme and opening already
 * checked. The first two may be NULL. */
struct key_kind {
	int (*sign)(struct key *key, enum digest digest, struct span to_be_signed,
		    struct span audit_head, struct bytes *ret);
	int (*unwrap)(struct key *key, struct span encrypted, size_t size, struct secret *ret);
	int (*use)(struct key *key, const struct rsa_scheme *scheme, struct span message,
		   struct bytes *ret, char **ret_reason);
	int (*open)(struct key *key, const struct rsa_opening *opening, struct span encrypted,
		    struct secret *ret, char **ret_reason);
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

/* @text as the reason, where one is wanted (@ret_reason may be NULL). 0, -ENOMEM. */
_checked_ int key_set_reason(char **ret_reason, struct span text);
/* key_set_reason(), and then @r, or -ENOMEM. */
_checked_ int key_explain(int r, char **ret_reason, const char *text);
/* What a FAILED in @packet means: a key_outcome, -EINVAL, -EIO, each with the reason that it gives;
 * -EBADMSG where it is none, or of no code that we know. */
_checked_ int key_read_failure(const struct ipc_packet *packet, char **ret_reason);
