/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scep/attributes.h"
#include "daemon/scep/parts.h"

#define BIT(tag)	    (UINT32_C(1) << (tag))
#define TAG_NUMERIC_STRING  0x12
#define TAG_VIDEOTEX_STRING 0x15
#define TAG_GRAPHIC_STRING  0x19
#define TAG_GENERAL_STRING  0x1b
#define STRINGS                                                                                    \
	(BIT(DER_UTF8_STRING) | BIT(TAG_NUMERIC_STRING) | BIT(DER_PRINTABLE_STRING) |              \
	 BIT(DER_T61_STRING) | BIT(DER_IA5_STRING) | BIT(DER_VISIBLE_STRING) |                     \
	 BIT(TAG_GENERAL_STRING) | BIT(DER_UNIVERSAL_STRING) | BIT(DER_BMP_STRING))

/* What one attribute's value may be: universal primitive types, and how many octets. */
struct attribute_row {
	enum oid oid;
	size_t offset; /* of its der_item in struct scep_attributes */
	uint32_t types;
	size_t least, most;
	unsigned read_of, needed_of; /* enum scep_sender */
};

#define CLIENT SCEP_BY_CLIENT
#define CA     SCEP_BY_CA
#define BOTH   (SCEP_BY_CLIENT | SCEP_BY_CA)
#define OCTETS BIT(DER_OCTET_STRING)
#define ANY    UINT32_MAX

/* A messageType of whatever type is read, so that it is refused as one and not as an attribute. */
/* clang-format off */
#define ROW(OID, member, ...) {OID_##OID, offsetof(struct scep_attributes, member), __VA_ARGS__}
static const struct attribute_row rows[] = {
	ROW(CONTENT_TYPE, content_type, BIT(DER_OID), 1, 64, BOTH, BOTH),
	ROW(MESSAGE_DIGEST, message_digest, OCTETS, 1, 64, BOTH, BOTH),
	ROW(SCEP_MESSAGE_TYPE, message_type, ANY, 0, 64, BOTH, CLIENT),
	ROW(SCEP_TRANSACTION_ID, transaction_id, STRINGS, 1, 128, BOTH, CLIENT),
	ROW(SCEP_SENDER_NONCE, sender_nonce, OCTETS, 1, 64, CLIENT, CLIENT),
	ROW(SCEP_PKI_STATUS, pki_status, STRINGS, 0, 64, CA, 0),
	ROW(SCEP_FAIL_INFO, fail_info, STRINGS, 0, 64, CA, 0),
	ROW(SCEP_FAIL_INFO_TEXT, fail_info_text, STRINGS, 0, 65536, CA, 0),
	ROW(SCEP_RECIPIENT_NONCE, recipient_nonce, OCTETS, 0, 64, CA, 0),
};
/* clang-format on */

struct attribute {
	struct der_item type, values;
};

static const struct der_field attribute_fields[] = {
	DER_FIELD(struct attribute, type, DER_OID),
	DER_FIELD(struct attribute, values, DER_SET),
};

static bool row_takes(const struct attribute_row *row, const struct der_item *value)
{
	return value->tag < 32 && row->types & BIT(value->tag) &&
	       value->content.size >= row->least && value->content.size <= row->most;
}

static const struct attribute_row *row_find(struct span oid, enum scep_sender sender)
{
	enum oid known = oid_find(oid);

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].oid == known && rows[i].read_of & sender)
			return &rows[i];
	return NULL;
}

/* One Attribute, into the place its row names. False where it isn't as it should be. What a CA adds
 * besides is its own affair. */
static bool attribute_read(const struct attribute *attribute, enum scep_sender sender,
			   struct scep_attributes *into)
{
	const struct attribute_row *row = row_find(attribute->type.content, sender);
	struct span values = attribute->values.content;
	struct der_item value;

	if (!row && sender == SCEP_BY_CA)
		return true;
	if (!scep_oid_is_sound(attribute->type.content) || der_next(&values, &value) != 0 ||
	    values.size || !scep_value_is_sound(&value))
		return false;
	if (!row)
		return true;
	if (!row_takes(row, &value))
		return false;
	*(struct der_item *)((uint8_t *)into + row->offset) = value;
	return true;
}

/* Whether @oid comes for the first time; it is noted. */
static bool is_new(struct span oid, struct span *seen, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (span_equal(seen[i], oid))
			return false;
	if (*n == SCEP_ATTRIBUTES_MAX)
		return false;
	seen[(*n)++] = oid;
	return true;
}

static bool all_are_there(const struct scep_attributes *attributes, enum scep_sender sender)
{
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].needed_of & sender &&
		    !der_present((const struct der_item *)((const uint8_t *)attributes +
							   rows[i].offset)))
			return false;
	return true;
}

void scep_attributes_read(struct span set, enum scep_sender sender, struct scep_attributes *ret)
{
	struct scep_attributes found = {0};
	struct span seen[SCEP_ATTRIBUTES_MAX];
	struct attribute attribute;
	struct der_item item;
	size_t n = 0;

	while (set.size && der_next(&set, &item) == 0) {
		if (item.tag != DER_SEQUENCE ||
		    der_match(item.content, attribute_fields, ELEMENTS(attribute_fields),
			      &attribute) < 0 ||
		    !is_new(attribute.type.content, seen, &n) ||
		    !attribute_read(&attribute, sender, &found))
			found.malformed = true;
	}
	found.malformed = found.malformed || set.size || !all_are_there(&found, sender);
	*ret = found;
}
