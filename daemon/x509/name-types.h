/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The attribute types a name's text form knows: what each may hold, and what people call it. */

#include "daemon/base/oid.h"

/* How a value that was typed is encoded. */
enum x509_string_rule {
	X509_STRING_DIRECTORY,	      /* PrintableString where it can be, else UTF8String */
	X509_STRING_PRINTABLE,	      /* PrintableString or nothing (RFC 5280 appendix A.1) */
	X509_STRING_IA5,	      /* IA5String or nothing */
	X509_STRING_IA5_OR_DIRECTORY, /* IA5String where it can be (RFC 2985 §5.4.1) */
};

struct x509_name_type {
	enum oid oid;
	enum x509_string_rule rule;
	size_t characters_min, characters_max; /* RFC 5280 appendix A.1 */
	const char *ios; /* what IOS calls it, or NULL: its short name in lower case */
};

/* By a short name, one of IOS's, or a dotted OID of one of these; letters in either case. */
const struct x509_name_type *x509_name_type_find(struct span text);
const struct x509_name_type *x509_name_type_of(enum oid oid);

#define X509_OID_BYTES_MAX 64

/* The contents octets of an OID from its dotted form, arcs below 2^32; false where @text is none or
 * too long. */
bool x509_oid_from_dotted(struct span text, uint8_t ret[static X509_OID_BYTES_MAX],
			  size_t *ret_size);
