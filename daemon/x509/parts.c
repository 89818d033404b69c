/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/parts.h"
#include "daemon/x509/characters.h"

bool x509_oid_is_valid(struct span content)
{
	bool arc_begins = true;

	for (size_t i = 0; i < content.size; i++) {
		if (arc_begins && content.data[i] == 0x80)
			return false;
		arc_begins = content.data[i] < 0x80;
	}
	return content.size && arc_begins;
}

static bool boolean_is_valid(const struct der_item *item)
{
	bool value;

	return der_read_boolean(item, &value) == 0;
}

/* X.690 §8.3.2: in the fewest octets; negative ones too. */
static bool integer_is_valid(const struct der_item *item)
{
	struct span c = item->content;

	if (c.size < 2)
		return c.size;
	return !(c.data[0] == 0 && c.data[1] < 0x80) && !(c.data[0] == 0xff && c.data[1] >= 0x80);
}

static bool bits_are_valid(const struct der_item *item)
{
	struct span bits;
	unsigned unused;

	return der_read_bits(item, &bits, &unused) == 0;
}

static bool null_is_valid(const struct der_item *item)
{
	return item->content.size == 0;
}

static bool oid_is_valid(const struct der_item *item)
{
	return x509_oid_is_valid(item->content);
}

static bool string_is_valid(const struct der_item *item)
{
	return x509_characters_are_valid(item, true);
}

static bool never_is_valid(const struct der_item *item)
{
	(void)item;
	return false;
}

/* EXTERNAL, EMBEDDED PDV and CHARACTER STRING stand in nothing that we know, and OpenSSL takes them
 * for strings in pieces. */
static const struct {
	uint8_t tag;
	bool (*is_valid)(const struct der_item *item);
} types[] = {
	{DER_BOOLEAN, boolean_is_valid},
	{DER_INTEGER, integer_is_valid},
	{DER_ENUMERATED, integer_is_valid},
	{DER_BIT_STRING, bits_are_valid},
	{DER_NULL, null_is_valid},
	{DER_OID, oid_is_valid},
	{DER_UTF8_STRING, string_is_valid},
	{DER_BMP_STRING, string_is_valid},
	{DER_UNIVERSAL_STRING, string_is_valid},
	{0x28, never_is_valid},
	{0x2b, never_is_valid},
	{0x3d, never_is_valid},
};

bool x509_any_is_valid(const struct der_item *item)
{
	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (types[i].tag == item->tag)
			return types[i].is_valid(item);
	return true;
}

bool x509_all_are_valid(struct span elements)
{
	struct der_item item;

	while (elements.size)
		if (der_next(&elements, &item) < 0 || !x509_any_is_valid(&item))
			return false;
	return true;
}

int x509_algorithm_read(const struct der_item *sequence, struct x509_algorithm *ret)
{
	struct span rest = sequence->content;
	struct der_item oid;
	struct der_item parameters = {0};

	if (sequence->tag != DER_SEQUENCE || der_next(&rest, &oid) < 0 || oid.tag != DER_OID ||
	    !x509_oid_is_valid(oid.content))
		return -EBADMSG;
	if (rest.size && (der_next(&rest, &parameters) < 0 || !x509_any_is_valid(&parameters)))
		return -EBADMSG;
	if (rest.size)
		return -EBADMSG;
	*ret = (struct x509_algorithm){oid_find(oid.content), parameters, sequence->whole};
	return 0;
}

/* RFC 8017 appendix A.2.4: the parameters of these are NULL; some leave them out. */
static enum digest digest_of(const struct x509_algorithm *algorithm)
{
	if (der_present(&algorithm->parameters) && algorithm->parameters.tag != DER_NULL)
		return DIGEST_NONE;
	return digest_find_rsa_oid(algorithm->oid);
}

struct signed_items {
	struct der_item to_be_signed, algorithm, signature;
};

static const struct der_field signed_fields[] = {
	DER_FIELD(struct signed_items, to_be_signed, DER_SEQUENCE),
	DER_FIELD(struct signed_items, algorithm, DER_SEQUENCE),
	DER_FIELD(struct signed_items, signature, DER_BIT_STRING),
};

int x509_signed_read(struct span der, struct x509_signed *ret)
{
	struct x509_signed read = {.whole = der};
	struct der_item outer;
	struct signed_items items;
	unsigned unused;

	if (der_only(der, DER_SEQUENCE, &outer) < 0 ||
	    der_match(outer.content, signed_fields, ELEMENTS(signed_fields), &items) < 0 ||
	    x509_algorithm_read(&items.algorithm, &read.algorithm) < 0 ||
	    der_read_bits(&items.signature, &read.signature, &unused) < 0 || unused)
		return -EBADMSG;
	read.to_be_signed = items.to_be_signed.whole;
	read.digest = digest_of(&read.algorithm);
	*ret = read;
	return 0;
}

int x509_explicit_sequence(const struct der_item *item, struct span *ret)
{
	struct der_item sequence = {0};

	if (der_present(item) && der_only(item->content, DER_SEQUENCE, &sequence) < 0)
		return -EBADMSG;
	*ret = sequence.whole;
	return 0;
}
