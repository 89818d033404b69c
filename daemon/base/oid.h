/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The object identifiers this project knows, from oid.def. An OID travels as the contents octets of
 * its encoding (X.690 §8.19), the same bytes a der_item of tag DER_OID holds.
 */

#include "daemon/base/bytes.h"
#include "daemon/base/der.h"

enum oid {
	OID_UNKNOWN,
#define OID(NAME, name, dotted, octets) OID_##NAME,
#include "daemon/base/oid.def"
#undef OID
	OID_COUNT_,
};

/* Which known OID these contents are, or OID_UNKNOWN. */
enum oid oid_find(struct span content);
/* The contents octets; asserts on OID_UNKNOWN. */
struct span oid_content(enum oid oid);
/* The name for people ("sha256", "CN"). */
const char *oid_name(enum oid oid);
const char *oid_dotted(enum oid oid);
/* Dotted decimals of any contents octets, appended to @out ("?" where they are malformed). */
void oid_append_dotted(struct buffer *out, struct span content);

void der_put_oid(struct der_writer *w, enum oid oid);
/* AlgorithmIdentifier: SEQUENCE { oid, NULL } or, without parameters, SEQUENCE { oid }. */
void der_put_algorithm(struct der_writer *w, enum oid oid, bool with_null);
