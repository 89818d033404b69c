/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The small structures that several parts of a message share: AlgorithmIdentifier, ContentInfo,
 * IssuerAndSerialNumber (RFC 5652 §10.1, §3, §10.2.4). Internal to this folder.
 */

#include "daemon/base/crypto.h"
#include "daemon/base/der.h"

struct scep_algorithm {
	enum oid oid;		    /* OID_UNKNOWN for others */
	struct der_item parameters; /* zeroed where absent */
};

/* Whether these contents octets are an OBJECT IDENTIFIER (X.690 §8.19.2). */
bool scep_oid_is_sound(struct span content);

/* Whether the contents of @value, where it is of a universal primitive type, are what that type can
 * have: what an ANY must be at least. */
bool scep_value_is_sound(const struct der_item *value);

/* Reads the SEQUENCE @item. -EBADMSG where it is none. */
_checked_ int scep_algorithm_read(const struct der_item *item, struct scep_algorithm *ret);

/* Whether the parameters are what RSA and the digests have: NULL, or left out. */
bool scep_algorithm_is_plain(const struct scep_algorithm *algorithm);

/* A digest's AlgorithmIdentifier: no parameters for SHA-2 (RFC 5754 §2), NULL for what is older. */
void scep_put_digest(struct der_writer *w, enum digest digest);

/* ContentInfo or EncapsulatedContentInfo, its content present, from the contents of the SEQUENCE:
 * the content is what the explicit [0] holds. -EBADMSG. */
_checked_ int scep_content_info_read(struct span contents, enum oid *ret_type,
				     struct span *ret_content);
void scep_begin_content_info(struct der_writer *w, enum oid type);
void scep_end_content_info(struct der_writer *w);

/* IssuerAndSerialNumber, from the contents of the SEQUENCE; the Name is looked into. -EBADMSG, also
 * where the serial number is negative. */
_checked_ int scep_issuer_and_serial_read(struct span contents, struct span *ret_issuer,
					  struct span *ret_serial);
void scep_put_issuer_and_serial(struct der_writer *w, struct span issuer, struct span serial);
