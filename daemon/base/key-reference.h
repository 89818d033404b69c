/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A key reference: a file that stands for a private key which stays on its token, with the name it
 * goes by and its public key, and nothing secret. A program opens it where it wants a key file, and
 * claviger.so finds the key by it. Pure.
 *
 *	-----BEGIN CLAVIGER KEY-----
 *	SEQUENCE { UTF8String "claviger", UTF8String NAME, SubjectPublicKeyInfo }
 */

#include "daemon/base/bytes.h"

#define KEY_REFERENCE_LABEL "CLAVIGER KEY" /* of the PEM block */
/* Bytes, as messages.def has them. */
#define KEY_REFERENCE_NAME_MOST ((size_t)128)
#define KEY_REFERENCE_SPKI_MOST ((size_t)2048)

struct key_reference {
	char *name; /* of a trustpoint or a key: UTF-8 of 1…KEY_REFERENCE_NAME_MOST bytes */
	struct bytes spki; /* of an RSA key */
};
/* Accepts the zeroed struct. */
void key_reference_done(struct key_reference *reference);

/* The whole PEM file; the caller's. -EINVAL where the name is none, or @spki no RSA key's. */
_checked_ int key_reference_write(const char *name, struct span spki, struct bytes *ret);
/* The first block of this label in a PEM file. -ENOENT where there is none, -EBADMSG where it is
 * damaged or holds anything else than a key reference. */
_checked_ int key_reference_read(struct span pem, struct key_reference *ret);
/* The same from what the block holds. -EBADMSG. */
_checked_ int key_reference_read_der(struct span der, struct key_reference *ret);
