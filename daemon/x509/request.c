/* SPDX-License-Identifier: Apache-2.0 */
/* Reads certification requests: PKCS#10, RFC 2986. */
#include "daemon/x509/name.h"
#include "daemon/x509/parts.h"

/* Clients send two or three. */
#define ATTRIBUTES_MAX 32
/* Characters as they are encoded; RFC 2985 §5.4.1 has 255. */
#define CHALLENGE_BYTES_MAX 256

struct tbs_items {
	struct der_item version, subject, spki, attributes;
};

/* RFC 2986 §4.1 asks for [0] even where it holds nothing; some leave it out. */
static const struct der_field tbs_fields[] = {
	DER_FIELD(struct tbs_items, version, DER_INTEGER),
	DER_FIELD(struct tbs_items, subject, DER_SEQUENCE),
	DER_FIELD(struct tbs_items, spki, DER_SEQUENCE),
	DER_FIELD_OPTIONAL(struct tbs_items, attributes, DER_CONTEXT_CONSTRUCTED(0)),
};

struct attribute_items {
	struct der_item type, values;
};

static const struct der_field attribute_fields[] = {
	DER_FIELD(struct attribute_items, type, DER_OID),
	DER_FIELD(struct attribute_items, values, DER_SET),
};

/* Exactly one value: RFC 2985 §5.4. */
static int single_value(const struct der_item *values, struct der_item *ret)
{
	struct span rest = values->content;

	return der_next(&rest, ret) < 0 || rest.size ? -EBADMSG : 0;
}

/* An empty challenge, as clients without a password send it, is none. Its characters are compared
 * as they came, so those of a BMPString stay two bytes each. */
static int challenge_read(const struct der_item *values, struct x509_request *ret)
{
	static const uint8_t tags[] = {DER_PRINTABLE_STRING, DER_UTF8_STRING, DER_IA5_STRING,
				       DER_T61_STRING, DER_BMP_STRING};
	struct der_item value;

	if (single_value(values, &value) < 0 || value.content.size > CHALLENGE_BYTES_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < ELEMENTS(tags); i++) {
		if (tags[i] != value.tag)
			continue;
		ret->has_challenge = value.content.size;
		ret->challenge = ret->has_challenge ? value.content : (struct span){0};
		return 0;
	}
	return -EBADMSG;
}

static int extension_request_read(const struct der_item *values, struct x509_request *ret)
{
	struct der_item value;

	if (single_value(values, &value) < 0)
		return -EBADMSG;
	return x509_extensions_read(value.whole, &ret->extensions);
}

/* The attributes we read; any other is ignored. */
static const struct attribute_row {
	enum oid oid;
	int (*read)(const struct der_item *values, struct x509_request *ret);
} attribute_rows[] = {
	{OID_CHALLENGE_PASSWORD, challenge_read},
	{OID_EXTENSION_REQUEST, extension_request_read},
};

static int attribute_read(const struct attribute_items *items, struct x509_request *ret)
{
	enum oid oid = oid_find(items->type.content);

	for (size_t i = 0; i < ELEMENTS(attribute_rows); i++)
		if (attribute_rows[i].oid == oid)
			return attribute_rows[i].read(&items->values, ret);
	return 0;
}

static int attribute_next(struct span *rest, struct attribute_items *ret)
{
	struct der_item sequence;

	if (der_next(rest, &sequence) < 0 || sequence.tag != DER_SEQUENCE ||
	    der_match(sequence.content, attribute_fields, ELEMENTS(attribute_fields), ret) < 0 ||
	    !x509_oid_is_valid(ret->type.content) || !x509_all_are_valid(ret->values.content))
		return -EBADMSG;
	return 0;
}

static bool is_among(struct span type, const struct span *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_equal(type, types[i]))
			return true;
	return false;
}

static int attributes_read(struct span rest, struct x509_request *ret)
{
	struct span types[ATTRIBUTES_MAX];
	struct attribute_items items;

	for (size_t n = 0; rest.size; n++) {
		if (n == ATTRIBUTES_MAX || attribute_next(&rest, &items) < 0 ||
		    is_among(items.type.content, types, n) || attribute_read(&items, ret) < 0)
			return -EBADMSG;
		types[n] = items.type.content;
	}
	return 0;
}

int x509_tbs_request_read(struct span tbs, struct x509_request *ret)
{
	struct tbs_items items;
	struct der_item outer;
	uint64_t version;

	*ret = (struct x509_request){.to_be_signed = tbs, .extensions.path_length = -1};
	if (der_only(tbs, DER_SEQUENCE, &outer) < 0 ||
	    der_match(outer.content, tbs_fields, ELEMENTS(tbs_fields), &items) < 0 ||
	    der_read_unsigned(&items.version, &version) < 0 || version != 0 ||
	    !x509_name_is_valid(items.subject.whole) ||
	    x509_key_read(items.spki.whole, &ret->key) < 0 ||
	    attributes_read(items.attributes.content, ret) < 0)
		return -EBADMSG;
	ret->subject = items.subject.whole;
	return 0;
}

int x509_request_read(struct span der, struct x509_request *ret)
{
	struct x509_request read;
	struct x509_signed wrapper;

	if (x509_signed_read(der, &wrapper) < 0 ||
	    x509_tbs_request_read(wrapper.to_be_signed, &read) < 0)
		return -EBADMSG;
	read.whole = der;
	read.digest = wrapper.digest;
	read.signature = wrapper.signature;
	*ret = read;
	return 0;
}
