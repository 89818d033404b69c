/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/name-types.h"
#include <strings.h>

static const struct x509_name_type types[] = {
	{OID_COMMON_NAME, X509_STRING_DIRECTORY, 1, 64, NULL},
	{OID_SURNAME, X509_STRING_DIRECTORY, 1, 40, NULL},
	{OID_SERIAL_NUMBER, X509_STRING_PRINTABLE, 1, 64, NULL},
	{OID_COUNTRY, X509_STRING_PRINTABLE, 2, 2, NULL},
	{OID_LOCALITY, X509_STRING_DIRECTORY, 1, 128, NULL},
	{OID_STATE, X509_STRING_DIRECTORY, 1, 128, NULL},
	{OID_STREET, X509_STRING_DIRECTORY, 1, 128, NULL},
	{OID_ORGANIZATION, X509_STRING_DIRECTORY, 1, 64, NULL},
	{OID_ORGANIZATIONAL_UNIT, X509_STRING_DIRECTORY, 1, 64, NULL},
	{OID_TITLE, X509_STRING_DIRECTORY, 1, 64, NULL},
	{OID_GIVEN_NAME, X509_STRING_DIRECTORY, 1, 64, NULL},
	{OID_DN_QUALIFIER, X509_STRING_PRINTABLE, 1, 64, NULL},
	{OID_DOMAIN_COMPONENT, X509_STRING_IA5, 1, 63, NULL},
	{OID_USER_ID, X509_STRING_DIRECTORY, 1, 256, NULL},
	{OID_EMAIL_ADDRESS, X509_STRING_IA5, 1, 255, "e"},
	{OID_UNSTRUCTURED_NAME, X509_STRING_IA5_OR_DIRECTORY, 1, 255, "hostname"},
	{OID_UNSTRUCTURED_ADDRESS, X509_STRING_DIRECTORY, 1, 255, "ipaddress"},
};

static bool is_text(struct span span, const char *text)
{
	return span.size == span_of_text(text).size &&
	       strncasecmp((const char *)span.data, text, span.size) == 0;
}

const struct x509_name_type *x509_name_type_find(struct span text)
{
	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (is_text(text, oid_name(types[i].oid)) ||
		    is_text(text, oid_dotted(types[i].oid)) ||
		    (types[i].ios && is_text(text, types[i].ios)))
			return &types[i];
	return NULL;
}

const struct x509_name_type *x509_name_type_of(enum oid oid)
{
	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (types[i].oid == oid)
			return &types[i];
	return NULL;
}

/* One arc in base 128 (X.690 §8.19.2). */
static bool arc_append(uint64_t arc, uint8_t *oid, size_t *size)
{
	unsigned shift = 63;

	while (shift && arc >> shift == 0)
		shift -= 7;
	for (;; shift -= 7) {
		if (*size == X509_OID_BYTES_MAX)
			return false;
		oid[(*size)++] = (uint8_t)((arc >> shift & 0x7f) | (shift ? 0x80 : 0));
		if (shift == 0)
			return true;
	}
}

/* Decimal digits without a leading zero. */
static bool arc_next(struct span *rest, uint64_t *ret)
{
	uint64_t arc = 0;
	size_t n = 0;

	while (n < rest->size && rest->data[n] >= '0' && rest->data[n] <= '9' && arc <= UINT32_MAX)
		arc = arc * 10 + (uint64_t)(rest->data[n++] - '0');
	if (n == 0 || arc > UINT32_MAX || (n > 1 && rest->data[0] == '0'))
		return false;
	*rest = span_slice(*rest, n, SIZE_MAX);
	*ret = arc;
	return true;
}

static bool dot_next(struct span *rest)
{
	if (rest->size == 0 || rest->data[0] != '.')
		return false;
	*rest = span_slice(*rest, 1, SIZE_MAX);
	return true;
}

/* The first subidentifier holds two arcs (X.690 §8.19.4). */
bool x509_oid_from_dotted(struct span text, uint8_t ret[static X509_OID_BYTES_MAX],
			  size_t *ret_size)
{
	size_t size = 0;
	uint64_t top;
	uint64_t arc;

	if (!arc_next(&text, &top) || top > 2 || !dot_next(&text) || !arc_next(&text, &arc) ||
	    (top < 2 && arc > 39) || !arc_append(top * 40 + arc, ret, &size))
		return false;
	while (text.size)
		if (!dot_next(&text) || !arc_next(&text, &arc) || !arc_append(arc, ret, &size))
			return false;
	*ret_size = size;
	return true;
}
