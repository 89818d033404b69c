/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A private key as it lies in a file, encrypted under a passphrase: PKCS#12 (RFC 7292), PEM with
 * PKCS#8 (RFC 7468, RFC 8018) or in the older form that routers write, "Proc-Type: 4,ENCRYPTED". A
 * key in the clear is refused either way.
 */

#include "daemon/ipc/keys.h"
#include "token/rsa-secret.h"

/* As messages.def has it. */
#define KEY_FILE_CERTIFICATE_MOST ((size_t)8192)

struct key_file {
	struct rsa_secret key;
	struct bytes certificate; /* DER; of this key; empty where the file has none */
	struct bytes others;	  /* of a PKCS#12: what else it has, DER after DER */
};
void key_file_done(struct key_file *file);

enum key_file_outcome {
	KEY_FILE_NO_KEY = 1,
	KEY_FILE_DAMAGED,
	KEY_FILE_CLEAR,		    /* a private key that is not encrypted */
	KEY_FILE_UNKNOWN_CIPHER,    /* encrypted by something that we don't have */
	KEY_FILE_NOT_OPENED,	    /* the passphrase is wrong, or it was tampered with */
	KEY_FILE_NO_RSA,	    /* opened, and no RSA key in it */
	KEY_FILE_INCONSISTENT,	    /* its numbers don't belong together */
	KEY_FILE_OTHER_CERTIFICATE, /* a certificate or public key beside it is another key's */
	KEY_FILE_SEVERAL,	    /* PKCS#12 with more than one key */
	KEY_FILE_CERTIFICATE_LARGE, /* than KEY_FILE_CERTIFICATE_MOST */
};
/* What to do about it: a sentence. */
const char *key_file_advice(enum key_file_outcome outcome);

/* Reads @content, whichever form it has. 0, an outcome, -ENOMEM. A slow hash: up to a second. */
_checked_ int key_file_read(struct span content, struct span passphrase, struct key_file *ret);

/*
 * Writes a key.
 *
 * @key          with its pkcs8, as hsm_rsa_key_extract() gave it
 * @certificate  DER, of this key; empty in the forms that are not archives
 * @others       those of its CAs, DER after DER; in a PKCS#12 alone; may be empty
 * @name         in a PKCS#12 for people
 * Returns 0, -EBADMSG where @certificate is none, -EINVAL for an unknown form, -ENOMEM.
 */
struct key_file_order {
	enum key_form form;
	const struct rsa_secret *key;
	struct span certificate, others;
	const char *name;
	struct span passphrase;
};
_checked_ int key_file_write(const struct key_file_order *order, struct bytes *ret);
