/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/rdn.h"
#include "daemon/x509/characters.h"
#include "daemon/x509/parts.h"

struct attribute_items {
	struct der_item type, value;
};

static const struct der_field attribute_fields[] = {
	DER_FIELD(struct attribute_items, type, DER_OID),
	DER_FIELD(struct attribute_items, value, DER_ANY),
};

int x509_attribute_next(struct span *rest, struct x509_attribute *ret)
{
	struct span after = *rest;
	struct der_item sequence;
	struct attribute_items items;
	int r = der_next(&after, &sequence);

	if (r < 0)
		return r;
	if (sequence.tag != DER_SEQUENCE ||
	    der_match(sequence.content, attribute_fields, ELEMENTS(attribute_fields), &items) < 0 ||
	    !x509_oid_is_valid(items.type.content))
		return -EBADMSG;
	*rest = after;
	*ret = (struct x509_attribute){
		.type = items.type.content,
		.value = items.value,
	};
	return 0;
}

/* A SET of at least one and at most X509_ATTRIBUTES_MAX attributes. */
static bool rdn_is_readable(const struct der_item *set)
{
	struct span rest = set->content;
	struct x509_attribute attribute;

	if (set->tag != DER_SET || rest.size == 0)
		return false;
	for (size_t n = 0; n < X509_ATTRIBUTES_MAX && rest.size; n++)
		if (x509_attribute_next(&rest, &attribute) < 0)
			return false;
	return rest.size == 0;
}

int x509_rdns_read(struct span name, struct x509_rdns *ret)
{
	struct der_item sequence;
	struct der_item set;
	struct span rest;
	size_t n = 0;

	if (der_only(name, DER_SEQUENCE, &sequence) < 0)
		return -EBADMSG;
	for (rest = sequence.content; rest.size; n++) {
		if (n == X509_RDNS_MAX || der_next(&rest, &set) < 0 || !rdn_is_readable(&set))
			return -EBADMSG;
		ret->items[n] = set.content;
	}
	ret->n = n;
	return 0;
}

bool x509_name_walk_next(struct x509_name_walk *walk, struct x509_attribute *ret)
{
	if (walk->rest.size == 0) {
		if (walk->rdn == walk->rdns->n)
			return false;
		walk->rest = walk->rdns->items[walk->rdn++];
	}
	/* x509_rdns_read() has seen that it reads. */
	if (x509_attribute_next(&walk->rest, ret) < 0)
		return false;
	ret->rdn = walk->rdn - 1;
	return true;
}

bool x509_attribute_equal(const struct x509_attribute *a, const struct x509_attribute *b)
{
	if (!span_equal(a->type, b->type))
		return false;
	if (!x509_characters_is_string(a->value.tag) || !x509_characters_is_string(b->value.tag))
		return span_equal(a->value.whole, b->value.whole);
	return x509_characters_equal(x509_characters_of(&a->value), x509_characters_of(&b->value));
}
