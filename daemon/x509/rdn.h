/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside a Name: a SEQUENCE of RDNs, each a SET of attributes {type, value}. Shared by what
 * compares names and what prints them; others use name.h.
 */

#include "daemon/base/der.h"
#include "daemon/base/oid.h"

/* More than any directory needs; so comparing sets and turning the order back stay cheap. */
#define X509_RDNS_MAX	    64
#define X509_ATTRIBUTES_MAX 16

struct x509_attribute {
	struct span type; /* contents of the OID; oid_find() is left to those who need it */
	struct der_item value;
	size_t rdn; /* which RDN it stands in, from 0 in DER order */
};

/* Takes the next attribute off a SET's contents. -ENODATA at the end, -EBADMSG. */
_checked_ int x509_attribute_next(struct span *rest, struct x509_attribute *ret);

/* The contents of the RDNs of a Name, in DER order. */
struct x509_rdns {
	struct span items[X509_RDNS_MAX];
	size_t n;
};
/* -EBADMSG where @name is not exactly one Name, has an empty RDN, or more than the maxima above. */
_checked_ int x509_rdns_read(struct span name, struct x509_rdns *ret);

/* Walks all attributes of a Name in DER order: begin zeroed but for @rdns. */
struct x509_name_walk {
	const struct x509_rdns *rdns;
	size_t rdn;
	struct span rest;
};
bool x509_name_walk_next(struct x509_name_walk *walk, struct x509_attribute *ret);

/* Whether the type is the same and the values are alike (RFC 5280 §7.1). */
bool x509_attribute_equal(const struct x509_attribute *a, const struct x509_attribute *b);
