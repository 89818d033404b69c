/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The way to one token's process: a pool of connections to NAME.sock, and the requests that go over
 * it. A connection that broke costs one retry; a timeout closes it. While nobody listens, a request
 * is tried again until @patience_ms is over, since a token's process that was killed is started
 * again. Making a key is never tried again once it was sent: nobody knows whether it was made.
 *
 * All of it blocks, and may be called from many threads. Where nobody answers in time, the outcome
 * is KEY_LATER; a request that the token's process calls impossible is -EINVAL, one about a key it
 * does not have -ENOENT, a fault of the token -EIO.
 */

#include "daemon/ipc/message.h"
#include "daemon/ipc/signature-line.h"
#include "hsm/key/key.h"

struct token_link;

struct token_key {
	uint8_t role; /* enum charter_role */
	bool present;
	bool decrypts;
	uint8_t usage, exportable; /* enum key_usage, key_exportable of daemon/ipc/keys.h */
	int64_t made_s;		   /* 0 where nobody knows */
	int64_t not_after_s;	   /* of its own CA certificate, or of what it issued; 0: of none */
	struct bytes id;	   /* CKA_ID */
	struct bytes spki;
	struct bytes issuer;
	char *label;
	char *serial; /* of the token; only token_link_make() tells it, else NULL */
};
/* Accepts the zeroed struct. */
void token_key_done(struct token_key *key);

struct token_facts {
	enum token_state state;
	char reason[1025], label[65], serial[65], manufacturer[65], model[65];
	unsigned sessions, least_bits, most_bits, keys;
	bool pin_count_low, pin_final_try, pin_locked;
};

/* @name and @path (of NAME.sock) are copied. Connects lazily. -ENOMEM. */
_checked_ int token_link_new(const char *name, const char *path, int64_t patience_ms,
			     struct token_link **ret);
struct token_link *token_link_unref(struct token_link *link);
struct token_link *token_link_ref(struct token_link *link);
void token_link_unrefp(struct token_link **link);
const char *token_link_name(const struct token_link *link);

/*
 * From now on nothing but connections that are open already is used, and nobody is waited for: a
 * new one would have systemd start the token's process for a daemon that goes. For good.
 */
void token_link_end(struct token_link *link);

/* What the token's process says of its token; TOKEN_LINK_LATER where nobody answers. */
_checked_ int token_link_status(struct token_link *link, struct token_facts *ret);
/* The key with a charter at this position, from 0; TOKEN_LINK_NO_KEY past the last. @ret is the
 * caller's to let go of. */
enum token_link_outcome {
	TOKEN_LINK_LATER = KEY_LATER,
	TOKEN_LINK_REFUSED = KEY_REFUSED,
	TOKEN_LINK_NO_KEY = 3
};
_checked_ int token_link_key(struct token_link *link, unsigned position, struct token_key *ret);

struct token_order {
	uint8_t role; /* enum charter_role */
	struct span issuer;
	unsigned bits;
	const char *label;
	/* key_id() of the key of role identity that this one is to succeed, whose usage and
	 * exportability it gets; empty: for all uses, never to leave the token. */
	struct span like;
};
/*
 * Makes a key pair on the token; minutes on a card.
 *
 * @ret         the key; whether it decrypts is not told: token_link_key() does
 * @ret_reason  set where it is refused or late, owned by the caller; may be NULL
 * Returns 0, TOKEN_LINK_LATER, TOKEN_LINK_REFUSED, or -errno; -EINVAL also where a value of @order
 * is too long.
 */
_checked_ int token_link_make(struct token_link *link, const struct token_order *order,
			      struct token_key *ret, char **ret_reason);
/* @key_id is key_id(). TOKEN_LINK_LATER, TOKEN_LINK_REFUSED, -errno. */
_checked_ int token_link_relabel(struct token_link *link, struct span key_id, const char *label);
/* The same. A repetition after a lost answer gives -ENOENT: then it is gone. */
_checked_ int token_link_destroy(struct token_link *link, struct span key_id, char **ret_reason);

/* A CA key's archive: encrypted by the token's process, in the form and under the password that it
 * reads in the configuration itself. @certificate: DER, of this key. The same outcomes, -ENOENT. */
_checked_ int token_link_archive(struct token_link *link, struct span key_id,
				 struct span certificate, struct bytes *ret, char **ret_reason);
/* From now on it can leave no more. Likewise. */
_checked_ int token_link_seal(struct token_link *link, struct span key_id, char **ret_reason);

/*
 * Gives each line of the token process's log of signatures above number @after, oldest first; a
 * line that can't be read is passed over. A callback ends it by another value than 0; a negative
 * one is handed on. TOKEN_LINK_LATER where nobody answers, -errno.
 */
typedef int (*token_link_log_visit)(void *context, const struct signature_line *line);
_checked_ int token_link_log(struct token_link *link, int64_t after, token_link_log_visit visit,
			     void *context);
/* Tells the audit chain's head, which is logged beside the signatures, durably; needs no token.
 * TOKEN_LINK_LATER, -errno. */
_checked_ int token_link_note(struct token_link *link, const uint8_t head[static SHA256_SIZE]);

/* A key on this token, named by its SubjectPublicKeyInfo. Asks nobody. Takes a reference to @link.
 * -EINVAL where it is empty or too long for one. */
_checked_ int key_new_token(struct token_link *link, struct span spki, struct key **ret);
