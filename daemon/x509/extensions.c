/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extensions (RFC 5280 §4.2), strictly DER: an explicit FALSE or a bit too many in a keyUsage is
 * refused, because what one reader overlooks another one may see, and because requested extensions
 * go into the certificate as they came.
 */
#include "daemon/x509/parts.h"

/* Netscape's certificate type, 2.16.840.1.113730.1.1: where there is neither basicConstraints nor
 * keyUsage, OpenSSL still takes its three lowest bits for a CA's. */
#define NETSCAPE_TYPE	 "\x60\x86\x48\x01\x86\xf8\x42\x01\x01"
#define NETSCAPE_CA_BITS 0x07

struct extension_items {
	struct der_item oid, critical, value;
};

static const struct der_field extension_fields[] = {
	DER_FIELD(struct extension_items, oid, DER_OID),
	DER_FIELD_OPTIONAL(struct extension_items, critical, DER_BOOLEAN),
	DER_FIELD(struct extension_items, value, DER_OCTET_STRING),
};

/* BOOLEAN DEFAULT FALSE: absent or TRUE (X.690 §11.5). */
static int default_false_read(const struct der_item *item, bool *ret)
{
	*ret = false;
	if (!der_present(item))
		return 0;
	return der_read_boolean(item, ret) < 0 || !*ret ? -EBADMSG : 0;
}

static int extension_read(const struct der_item *sequence, struct x509_extension *ret)
{
	struct extension_items items;

	if (sequence->tag != DER_SEQUENCE ||
	    der_match(sequence->content, extension_fields, ELEMENTS(extension_fields), &items) <
		    0 ||
	    !x509_oid_is_valid(items.oid.content) ||
	    default_false_read(&items.critical, &ret->critical) < 0)
		return -EBADMSG;
	ret->oid = oid_find(items.oid.content);
	ret->oid_content = items.oid.content;
	ret->value = items.value.content;
	ret->whole = sequence->whole;
	return 0;
}

struct basic_constraints_items {
	struct der_item ca, path_length;
};

static const struct der_field basic_constraints_fields[] = {
	DER_FIELD_OPTIONAL(struct basic_constraints_items, ca, DER_BOOLEAN),
	DER_FIELD_OPTIONAL(struct basic_constraints_items, path_length, DER_INTEGER),
};

static int basic_constraints_read(const struct der_item *value, struct x509_extensions *ret)
{
	struct basic_constraints_items items;
	uint64_t path_length;
	bool ca;

	if (der_match(value->content, basic_constraints_fields, ELEMENTS(basic_constraints_fields),
		      &items) < 0 ||
	    default_false_read(&items.ca, &ca) < 0)
		return -EBADMSG;
	if (der_present(&items.path_length)) {
		if (der_read_unsigned(&items.path_length, &path_length) < 0 ||
		    path_length > INT64_MAX)
			return -EBADMSG;
		ret->path_length = (int64_t)path_length;
	}
	ret->ca |= ca;
	ret->has_basic_constraints = true;
	return 0;
}

/* A named-bit list whose last bit is set (X.690 §11.2.2), of at most 16 bits. */
static int named_bits_read(const struct der_item *value, uint16_t *ret)
{
	struct span bits;
	unsigned unused;

	if (der_read_bits(value, &bits, &unused) < 0 || bits.size > 2)
		return -EBADMSG;
	if (bits.size && (bits.data[bits.size - 1] >> unused & 1) == 0)
		return -EBADMSG;
	*ret = (uint16_t)((bits.size > 0 ? bits.data[0] << 8 : 0) |
			  (bits.size > 1 ? bits.data[1] : 0));
	return 0;
}

static int key_usage_read(const struct der_item *value, struct x509_extensions *ret)
{
	ret->has_key_usage = true;
	return named_bits_read(value, &ret->key_usage);
}

/* Of the extensions we know: the type of the value, and what is read out of it. */
static const struct value_row {
	enum oid oid;
	uint8_t tag;
	int (*read)(const struct der_item *value, struct x509_extensions *ret);
} value_rows[] = {
	{OID_BASIC_CONSTRAINTS, DER_SEQUENCE, basic_constraints_read},
	{OID_KEY_USAGE, DER_BIT_STRING, key_usage_read},
	{OID_SUBJECT_ALT_NAME, DER_SEQUENCE, NULL},
	{OID_EXT_KEY_USAGE, DER_SEQUENCE, NULL},
	{OID_SUBJECT_KEY_IDENTIFIER, DER_OCTET_STRING, NULL},
	{OID_AUTHORITY_KEY_IDENTIFIER, DER_SEQUENCE, NULL},
	{OID_CRL_DISTRIBUTION_POINTS, DER_SEQUENCE, NULL},
	{OID_CERTIFICATE_POLICIES, DER_SEQUENCE, NULL},
	{OID_CRL_NUMBER, DER_INTEGER, NULL},
};

static int netscape_type_read(const struct x509_extension *extension, struct x509_extensions *ret)
{
	struct der_item value;
	uint16_t bits;

	if (der_only(extension->value, DER_BIT_STRING, &value) < 0 ||
	    named_bits_read(&value, &bits) < 0)
		return -EBADMSG;
	if (bits >> 8 & NETSCAPE_CA_BITS)
		ret->ca = true;
	return 0;
}

static int value_read(const struct x509_extension *extension, struct x509_extensions *ret)
{
	struct der_item value;

	if (span_equal(extension->oid_content, SPAN_LITERAL(NETSCAPE_TYPE)))
		return netscape_type_read(extension, ret);
	for (size_t i = 0; i < ELEMENTS(value_rows); i++) {
		const struct value_row *row = &value_rows[i];

		if (row->oid != extension->oid)
			continue;
		if (der_only(extension->value, row->tag, &value) < 0)
			return -EBADMSG;
		return row->read ? row->read(&value, ret) : 0;
	}
	return 0;
}

/* RFC 5280 §4.2: a certificate must not include more than one instance of an extension. */
static bool is_repeated(const struct x509_extensions *extensions,
			const struct x509_extension *extension)
{
	for (size_t i = 0; i < extensions->n; i++)
		if (span_equal(extensions->items[i].oid_content, extension->oid_content))
			return true;
	return false;
}

int x509_extensions_read(struct span sequence, struct x509_extensions *ret)
{
	struct x509_extensions read = {.path_length = -1};
	struct x509_extension extension;
	struct der_item item;
	struct span rest;

	if (der_only(sequence, DER_SEQUENCE, &item) < 0)
		return -EBADMSG;
	for (rest = item.content; rest.size; read.items[read.n++] = extension)
		if (read.n == X509_EXTENSIONS_MAX || der_next(&rest, &item) < 0 ||
		    extension_read(&item, &extension) < 0 || is_repeated(&read, &extension) ||
		    value_read(&extension, &read) < 0)
			return -EBADMSG;
	*ret = read;
	return 0;
}

const struct x509_extension *x509_extension_find(const struct x509_extensions *extensions,
						 enum oid oid)
{
	assert(oid != OID_UNKNOWN);
	for (size_t i = 0; i < extensions->n; i++)
		if (extensions->items[i].oid == oid)
			return &extensions->items[i];
	return NULL;
}
