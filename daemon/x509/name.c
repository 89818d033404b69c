/* SPDX-License-Identifier: Apache-2.0 */
/* What names are and how they compare. Their text forms are name-text.c and name-print.c. */
#include "daemon/x509/name.h"
#include "daemon/x509/characters.h"
#include "daemon/x509/rdn.h"

bool x509_name_is_valid(struct span der)
{
	struct x509_rdns rdns;
	struct x509_name_walk walk = {&rdns};
	struct x509_attribute attribute;

	if (x509_rdns_read(der, &rdns) < 0)
		return false;
	while (x509_name_walk_next(&walk, &attribute))
		if (!x509_characters_are_valid(&attribute.value, false))
			return false;
	return true;
}

bool x509_name_is_empty(struct span der)
{
	return span_equal(der, SPAN_LITERAL("\x30\x00"));
}

/* Attributes of one RDN, or of a name. */
struct attributes {
	struct x509_attribute items[X509_ATTRIBUTES_MAX];
	size_t n;
};

static bool all_are_in(const struct attributes *few, const struct attributes *many)
{
	for (size_t i = 0; i < few->n; i++) {
		bool found = false;

		for (size_t j = 0; j < many->n && !found; j++)
			found = x509_attribute_equal(&few->items[i], &many->items[j]);
		if (!found)
			return false;
	}
	return true;
}

static bool sets_are_equal(const struct attributes *a, const struct attributes *b)
{
	return all_are_in(a, b) && all_are_in(b, a);
}

static struct attributes attributes_of_rdn(struct span rdn)
{
	struct attributes set = {.n = 0};

	while (set.n < X509_ATTRIBUTES_MAX && x509_attribute_next(&rdn, &set.items[set.n]) == 0)
		set.n++;
	return set;
}

/* DER sorts a SET by its encoding, so equal values of other string types may stand in another
 * order: RDNs compare as sets. */
static bool rdns_are_equal(struct span a, struct span b)
{
	struct attributes in_a;
	struct attributes in_b;

	if (span_equal(a, b))
		return true;
	in_a = attributes_of_rdn(a);
	in_b = attributes_of_rdn(b);
	return in_a.n == in_b.n && sets_are_equal(&in_a, &in_b);
}

bool x509_name_equal(struct span a, struct span b)
{
	struct x509_rdns in_a;
	struct x509_rdns in_b;

	if (x509_rdns_read(a, &in_a) < 0 || x509_rdns_read(b, &in_b) < 0 || in_a.n != in_b.n)
		return false;
	for (size_t i = 0; i < in_a.n; i++)
		if (!rdns_are_equal(in_a.items[i], in_b.items[i]))
			return false;
	return true;
}

static bool is_identity(enum oid type)
{
	return type == OID_SERIAL_NUMBER || type == OID_UNSTRUCTURED_NAME ||
	       type == OID_COMMON_NAME;
}

/* False where there is none, or more than a router would have. */
static bool identity_of(struct span name, struct attributes *ret)
{
	struct x509_rdns rdns;
	struct x509_name_walk walk = {&rdns};
	struct x509_attribute attribute;

	ret->n = 0;
	if (x509_rdns_read(name, &rdns) < 0)
		return false;
	while (x509_name_walk_next(&walk, &attribute)) {
		if (!is_identity(oid_find(attribute.type)))
			continue;
		if (ret->n == X509_ATTRIBUTES_MAX)
			return false;
		ret->items[ret->n++] = attribute;
	}
	return ret->n;
}

bool x509_name_same_identity(struct span a, struct span b)
{
	struct attributes in_a;
	struct attributes in_b;

	return identity_of(a, &in_a) && identity_of(b, &in_b) && sets_are_equal(&in_a, &in_b);
}

/* Steps over a run of blanks at once, so that a value of many blanks costs no more than others. */
static bool value_contains(const struct der_item *value, struct x509_characters text)
{
	struct x509_characters at = x509_characters_of(value);
	uint32_t character;

	do {
		if (x509_characters_begin_with(at, text))
			return true;
	} while (x509_characters_next_folded(&at, &character));
	return false;
}

static bool is_descriptive(enum oid type)
{
	return type == OID_COMMON_NAME || type == OID_ORGANIZATIONAL_UNIT;
}

bool x509_name_mentions(struct span der, const char *text)
{
	struct x509_characters wanted = x509_characters_of_text(span_of_text(text));
	struct x509_rdns rdns;
	struct x509_name_walk walk = {&rdns};
	struct x509_attribute attribute;

	if (x509_rdns_read(der, &rdns) < 0)
		return false;
	while (x509_name_walk_next(&walk, &attribute))
		if (is_descriptive(oid_find(attribute.type)) &&
		    value_contains(&attribute.value, wanted))
			return true;
	return false;
}
