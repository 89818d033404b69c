/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the readers share: the signed wrapper around certificates, requests and CRLs, and their
 * to-be-signed parts, which shape.c reads on their own. Others use certificate.h and shape.h.
 */

#include "daemon/x509/certificate.h"

/* Contents of an OBJECT IDENTIFIER: each arc in the fewest octets, the last one whole (X.690
 * §8.19.2). */
bool x509_oid_is_valid(struct span content);

/* Whether an element that no schema of ours reads is well-formed where DER says how its type is:
 * what others may stumble over is refused here. What is constructed stays unread. */
bool x509_any_is_valid(const struct der_item *item);
/* The same for the contents of a SET OF such elements. */
bool x509_all_are_valid(struct span elements);

/* AlgorithmIdentifier { oid, parameters OPTIONAL }. */
struct x509_algorithm {
	enum oid oid; /* OID_UNKNOWN for others */
	struct der_item parameters;
	struct span whole;
};
/* @sequence is the AlgorithmIdentifier's element. -EBADMSG. */
_checked_ int x509_algorithm_read(const struct der_item *sequence, struct x509_algorithm *ret);

/* SEQUENCE { to-be-signed, AlgorithmIdentifier, BIT STRING }. */
struct x509_signed {
	struct span whole, to_be_signed;
	struct x509_algorithm algorithm;
	enum digest digest; /* DIGEST_NONE where it is not RSA PKCS#1 v1.5 with one we know */
	struct span signature;
};
_checked_ int x509_signed_read(struct span der, struct x509_signed *ret);

/* A to-be-signed is one element. What stands in it is read, but @ret's fields of the wrapper
 * (whole, digest, signature) stay empty; @ret_algorithm is the AlgorithmIdentifier inside. The
 * certificate's extensions stay unread: @ret_extensions is their SEQUENCE, empty where they are
 * absent. */
struct x509_inside {
	struct span algorithm;
	struct span extensions;
};
_checked_ int x509_tbs_certificate_read(struct span tbs, struct x509_certificate *ret,
					struct x509_inside *ret_inside);
_checked_ int x509_tbs_request_read(struct span tbs, struct x509_request *ret);
_checked_ int x509_tbs_crl_read(struct span tbs, struct x509_crl *ret,
				struct x509_inside *ret_inside);

/* The only element inside @item, an EXPLICIT tag; the empty span where @item is absent. -EBADMSG
 * where it is not exactly one SEQUENCE. */
_checked_ int x509_explicit_sequence(const struct der_item *item, struct span *ret);
