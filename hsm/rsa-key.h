/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * RSA keys on a token. A key is born there, or carried there by an operator (rsa-key-carry.h),
 * sensitive and, unless it was ordered otherwise, not extractable. It is named by its CKA_ID and
 * its public key: it is only taken for found where both agree, since a label, a handle or a CKA_ID
 * alone says little on a token that was replaced or restored.
 *
 * Every function blocks for the token. An outcome leaves the session usable; after any -errno
 * (hsm/fault.h) it must be closed.
 */

#include "daemon/base/rsa-scheme.h"
#include "hsm/session.h"

struct hsm_rsa_key {
	struct span id;	  /* CKA_ID, 1…64 bytes */
	struct span spki; /* DER SubjectPublicKeyInfo with an RSA key */
};

enum hsm_rsa_key_outcome {
	HSM_RSA_KEY_ABSENT = 1, /* no private key with this CKA_ID and public key */
	HSM_RSA_KEY_FULL = 2,	/* the token has no room */
	HSM_RSA_KEY_UNABLE = 3, /* the token can't make such a key */
	HSM_RSA_KEY_UNFIT = 4,	/* it made a key that is weak or not kept; which is removed again */
	HSM_RSA_KEY_READ_ONLY = 5, /* the token is write-protected */
	HSM_RSA_KEY_KEPT = 6,	   /* the token does not give this key out, or none at all */
	HSM_RSA_KEY_UNTOLD = 7,	   /* made, but the module doesn't know yet what the token keeps */
	HSM_RSA_KEY_WRONG = 8,	   /* what was to be opened was not encrypted to it like this */
};

struct hsm_rsa_order {
	unsigned bits;
	struct span id; /* CKA_ID, 1…64 bytes, random: nothing of it may be there yet */
	const char *label;
	bool decrypts;	  /* else it signs alone */
	bool extractable; /* may leave the token, wrapped */
	bool wrappable;	  /* may leave it under a trusted wrapping key alone (wrapping-key.h) */
};
/*
 * Makes a key pair: private, sensitive, extractable or wrappable only where it was ordered so,
 * exponent 65537.
 * What the token made is read back before it is believed.
 *
 * @session   writable
 * @ret_spki  DER SubjectPublicKeyInfo; the caller's
 * @ret_why   borrowed for ever; for HSM_RSA_KEY_UNFIT: what is wrong with it
 * Returns 0, FULL, UNABLE, UNFIT, READ_ONLY, KEPT where it could never be extracted from this token
 * though it should, UNTOLD, or -errno. Seconds, on a card minutes. -EACCES says that nothing was
 * made.
 *
 * UNTOLD: the module says that the key was not made on the token, where it was made a moment ago.
 * It goes by what it remembers then, not by the token (OpenSC does): load it anew, and ask
 * hsm_rsa_key_confirm().
 */
_checked_ int hsm_rsa_key_make(struct hsm_session *session, const struct hsm_rsa_order *order,
			       struct bytes *ret_spki, const char **ret_why);
/* Whether the key that was made by this order is what was ordered. 0, with its public key; UNFIT:
 * it was removed; ABSENT; -errno. @session: writable. */
_checked_ int hsm_rsa_key_confirm(struct hsm_session *session, const struct hsm_rsa_order *order,
				  struct bytes *ret_spki, const char **ret_why);

/* The public key of the key pair with this CKA_ID, where a private key belongs to it. 0, ABSENT, or
 * -errno. */
_checked_ int hsm_rsa_key_read(struct hsm_session *session, struct span id, struct bytes *ret_spki);

/* Whether the key is there: 0, ABSENT, or -errno. Remembers its handle in @session. */
_checked_ int hsm_rsa_key_find(struct hsm_session *session, const struct hsm_rsa_key *key);

/*
 * RSASSA-PKCS1-v1_5 (CKM_RSA_PKCS) over a DigestInfo. What comes is verified: one that a fault of
 * the token's spoilt is worth nothing, and may tell who sees it the private key (RFC 8017 §5.2.1
 * with a wrong half).
 * @ret  as long as the modulus; the caller's
 * Returns 0, ABSENT, -EBADMSG where the signature is wrong, or another -errno.
 */
_checked_ int hsm_rsa_key_sign(struct hsm_session *session, const struct hsm_rsa_key *key,
			       struct span digest_info, struct bytes *ret);

/*
 * Signs by any scheme, verified likewise. PSS by the token's own mechanism where it has one and
 * takes the parameters and does it, else padded here and signed by raw RSA. The session may have to
 * be closed even where it went well.
 *
 * @scheme  without fault for this key and @input
 * @ret     as long as the modulus; the caller's
 * Returns 0, ABSENT, HSM_RSA_KEY_UNABLE where neither key nor token can do it, or -errno.
 */
_checked_ int hsm_rsa_key_use(struct hsm_session *session, const struct hsm_rsa_key *key,
			      const struct rsa_scheme *scheme, struct span input,
			      struct bytes *ret);

struct hsm_rsa_opening {
	const struct rsa_opening *way; /* without fault for this key and @encrypted */
	struct span process_secret;    /* 32 random bytes of this process */
	struct span encrypted;
};
/*
 * Decrypts what is of any length. A wrong padding of PKCS#1 v1.5 gives other bytes, whose length
 * and value come from @encrypted and the secret (hsm/padding.h), and is told to nobody; one of OAEP
 * is told without saying what is wrong. By raw RSA where the token has it, as unwrapping.
 *
 * @ret  at most as long as the modulus, perhaps empty; the caller's
 * Returns 0, ABSENT, HSM_RSA_KEY_UNABLE, HSM_RSA_KEY_WRONG (OAEP alone), or -errno for "not now".
 */
_checked_ int hsm_rsa_key_open(struct hsm_session *session, const struct hsm_rsa_key *key,
			       const struct hsm_rsa_opening *opening, struct secret *ret);

/*
 * Opens a content key of exactly @size bytes. Whatever is wrong with @encrypted, its length, its
 * padding, what is inside, gives another value of that size (hsm/padding.h) and is told to nobody.
 *
 * @process_secret  32 random bytes of this process
 * @size            1…PADDING_CONTENT_MAX, and 11 less than the modulus
 * Returns 0, ABSENT, HSM_RSA_KEY_UNABLE where the key may not decrypt, or -errno for "not now".
 */
_checked_ int hsm_rsa_key_unwrap(struct hsm_session *session, const struct hsm_rsa_key *key,
				 struct span process_secret, struct span encrypted, size_t size,
				 struct secret *ret);

/* Sets CKA_LABEL of both halves. @session: writable. 0, ABSENT, UNABLE where the token doesn't let
 * labels change, READ_ONLY, or -errno. */
_checked_ int hsm_rsa_key_relabel(struct hsm_session *session, const struct hsm_rsa_key *key,
				  const char *label);
/* Destroys both halves. @session: writable. 0, ABSENT, READ_ONLY, or -errno. */
_checked_ int hsm_rsa_key_destroy(struct hsm_session *session, const struct hsm_rsa_key *key);
