/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Objects of a token, for the files of hsm/ alone: found by class and CKA_ID, their attributes read
 * into places of fixed size, so that what the token says can't grow.
 */

#include "hsm/cryptoki.h"

#define OBJECT_FOUND_MAX   8
#define OBJECT_MODULUS_MAX 1025 /* 8192 bits and a leading zero */

struct object_list {
	CK_OBJECT_HANDLE handles[OBJECT_FOUND_MAX];
	CK_ULONG n;
};
/* Objects with these attributes. */
_checked_ int object_find(struct hsm_session *session, CK_ATTRIBUTE *wanted, CK_ULONG n,
			  struct object_list *ret);
/* RSA keys of @class with this CKA_ID; more than OBJECT_FOUND_MAX are cut. -errno. */
_checked_ int object_find_keys(struct hsm_session *session, CK_OBJECT_CLASS class, struct span id,
			       struct object_list *ret);

struct object_public {
	uint8_t modulus[OBJECT_MODULUS_MAX], exponent[16];
	size_t modulus_size, exponent_size; /* 0 where the object doesn't tell */
};
/* 0, with what it told, or -errno. */
_checked_ int object_read_public(struct hsm_session *session, CK_OBJECT_HANDLE object,
				 struct object_public *ret);
/* Bytes of an attribute that isn't secret, at most @place.size; *ret_size 0 where the object
 * doesn't tell. */
_checked_ int object_read(struct hsm_session *session, CK_OBJECT_HANDLE object,
			  CK_ATTRIBUTE_TYPE type, struct bytes place, size_t *ret_size);
/* 1 true, 0 false, -ENODATA where the object doesn't tell, other -errno. */
_checked_ int object_read_flag(struct hsm_session *session, CK_OBJECT_HANDLE object,
			       CK_ATTRIBUTE_TYPE type);
