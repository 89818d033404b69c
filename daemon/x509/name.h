/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Distinguished names. They travel as their DER (RFC 5280 §4.1.2.4) and stay byte-exact,
 * multi-valued RDNs included; text is for people and for configuration.
 *
 * People type names as IOS does, most specific first ("CN=RootCA,OU=TAC,O=Cisco"), and the DER
 * holds them the other way round (O, OU, CN); the text form turns them back.
 */

#include "daemon/base/bytes.h"

/* Whether @der is exactly one Name, every value of a string type, well-formed and without a NUL; at
 * most 64 RDNs of 16 attributes each. */
bool x509_name_is_valid(struct span der);
/* The empty SEQUENCE. */
bool x509_name_is_empty(struct span der);

/*
 * From text: RFC 4514 escapes, '+' joins a multi-valued RDN, blanks around ',' '=' '+' are dropped,
 * a bare word means CN=word. Types are short names, IOS's (hostname, ipaddress, e) or dotted OIDs.
 * Values are PrintableString where they can be, else UTF8String; unstructuredName, DC and
 * emailAddress IA5String; C, serialNumber and dnQualifier PrintableString; none empty, with a
 * control character, or longer than RFC 5280 appendix A.1 has it. -EINVAL where it is none;
 * @ret_where (may be NULL) then tells the offset of the trouble. -ENOMEM.
 */
_checked_ int x509_name_from_text(const char *text, struct bytes *ret, size_t *ret_where);
/* The text, in the order typed; appended; "?" where @der is no Name. Control characters and what is
 * not UTF-8 escaped, and so what turns or hides text (bidirectional and zero-width marks). */
void x509_name_append_text(struct buffer *out, struct span der);
/* The same as IOS lists a router: "hostname=NAME,cn=x,ou=y", unstructuredName first; appended. */
void x509_name_append_ios(struct buffer *out, struct span der);

/* RFC 5280 §7.1: letters in either case, white space folded, string types equal by value. */
bool x509_name_equal(struct span a, struct span b);
/* Whether both hold a non-empty, equal set of {serialNumber, unstructuredName, CN} values: the same
 * router to IOS, whose CSR and certificate subjects differ otherwise. */
bool x509_name_same_identity(struct span a, struct span b);
/* Whether a CN or OU value contains this text, letters in either case. */
bool x509_name_mentions(struct span der, const char *text);
