/* SPDX-License-Identifier: Apache-2.0 */
/* Reads CRLs: RFC 5280 §5.1. */
#include "daemon/x509/name.h"
#include "daemon/x509/parts.h"

#define VERSION_2 1

struct tbs_items {
	struct der_item version, algorithm, issuer, this_update, next_update_utc,
		next_update_generalized, revoked, extensions;
};

static const struct der_field tbs_fields[] = {
	DER_FIELD_OPTIONAL(struct tbs_items, version, DER_INTEGER),
	DER_FIELD(struct tbs_items, algorithm, DER_SEQUENCE),
	DER_FIELD(struct tbs_items, issuer, DER_SEQUENCE),
	DER_FIELD(struct tbs_items, this_update, DER_ANY),
	DER_FIELD_OPTIONAL(struct tbs_items, next_update_utc, DER_UTC_TIME),
	DER_FIELD_OPTIONAL(struct tbs_items, next_update_generalized, DER_GENERALIZED_TIME),
	DER_FIELD_OPTIONAL(struct tbs_items, revoked, DER_SEQUENCE),
	DER_FIELD_OPTIONAL(struct tbs_items, extensions, DER_CONTEXT_CONSTRUCTED(0)),
};

struct entry_items {
	struct der_item serial, revoked, extensions;
};

static const struct der_field entry_fields[] = {
	DER_FIELD(struct entry_items, serial, DER_INTEGER),
	DER_FIELD(struct entry_items, revoked, DER_ANY),
	DER_FIELD_OPTIONAL(struct entry_items, extensions, DER_SEQUENCE),
};

/* RFC 5280 §5.1.2.1: where there is a version it is 2, and only version 2 has extensions. */
static int version_read(const struct tbs_items *items, uint64_t *ret)
{
	*ret = 0;
	if (!der_present(&items->version))
		return der_present(&items->extensions) ? -EBADMSG : 0;
	return der_read_unsigned(&items->version, ret) < 0 || *ret != VERSION_2 ? -EBADMSG : 0;
}

/* RFC 5280 §5.1.2.5: nextUpdate must be there. */
static int times_read(const struct tbs_items *items, struct x509_crl *ret)
{
	bool utc = der_present(&items->next_update_utc);

	if (utc == der_present(&items->next_update_generalized))
		return -EBADMSG;
	if (der_read_time(&items->this_update, &ret->this_update_s) < 0)
		return -EBADMSG;
	return der_read_time(utc ? &items->next_update_utc : &items->next_update_generalized,
			     &ret->next_update_s);
}

static int entry_read(const struct der_item *sequence, struct x509_crl_entry *ret,
		      struct x509_extensions *ret_extensions)
{
	struct entry_items items;

	*ret_extensions = (struct x509_extensions){0};
	*ret = (struct x509_crl_entry){0};
	if (sequence->tag != DER_SEQUENCE ||
	    der_match(sequence->content, entry_fields, ELEMENTS(entry_fields), &items) < 0)
		return -EBADMSG;
	if (der_present(&items.extensions) &&
	    x509_extensions_read(items.extensions.whole, ret_extensions) < 0)
		return -EBADMSG;
	if (der_read_magnitude(&items.serial, &ret->serial) < 0 ||
	    der_read_time(&items.revoked, &ret->revoked_s) < 0)
		return -EBADMSG;
	return 0;
}

static bool entry_is_readable(const struct der_item *sequence, bool version_2)
{
	struct x509_extensions extensions;
	struct x509_crl_entry entry;

	return entry_read(sequence, &entry, &extensions) == 0 && (version_2 || !extensions.n);
}

static int reason_read(const struct x509_extensions *extensions, int *ret)
{
	const struct x509_extension *reason = x509_extension_find(extensions, OID_CRL_REASON);
	struct der_item item;
	uint64_t code;

	*ret = 0;
	if (!reason)
		return 0;
	if (der_only(reason->value, DER_ENUMERATED, &item) < 0 ||
	    der_read_unsigned(&item, &code) < 0 || code > 10)
		return -EBADMSG;
	*ret = (int)code;
	return 0;
}

int x509_crl_next(struct span *revoked, struct x509_crl_entry *ret)
{
	struct x509_extensions extensions;
	struct x509_crl_entry entry;
	struct span rest = *revoked;
	struct der_item item;
	int r;

	r = der_next(&rest, &item);
	if (r >= 0)
		r = entry_read(&item, &entry, &extensions);
	if (r >= 0)
		r = reason_read(&extensions, &entry.reason);
	if (r < 0)
		return r;
	for (size_t i = 0; i < extensions.n; i++)
		if (extensions.items[i].critical)
			return -EBADMSG;
	*revoked = rest;
	*ret = entry;
	return 0;
}

/* RFC 5280 §5.1.2.6: absent where nothing is revoked. */
static int revoked_read(const struct tbs_items *items, struct x509_crl *ret)
{
	struct span rest = items->revoked.content;
	struct der_item entry;

	if (der_present(&items->revoked) && rest.size == 0)
		return -EBADMSG;
	while (rest.size)
		if (der_next(&rest, &entry) < 0 ||
		    !entry_is_readable(&entry, der_present(&items->version)))
			return -EBADMSG;
	ret->revoked = items->revoked.content;
	return 0;
}

int x509_tbs_crl_read(struct span tbs, struct x509_crl *ret, struct x509_inside *ret_inside)
{
	struct x509_algorithm algorithm;
	struct tbs_items items;
	struct der_item outer;

	*ret = (struct x509_crl){.to_be_signed = tbs};
	if (der_only(tbs, DER_SEQUENCE, &outer) < 0 ||
	    der_match(outer.content, tbs_fields, ELEMENTS(tbs_fields), &items) < 0 ||
	    x509_algorithm_read(&items.algorithm, &algorithm) < 0 ||
	    version_read(&items, &ret->version) < 0 || !x509_name_is_valid(items.issuer.whole) ||
	    times_read(&items, ret) < 0 || revoked_read(&items, ret) < 0 ||
	    x509_explicit_sequence(&items.extensions, &ret_inside->extensions) < 0)
		return -EBADMSG;
	ret->issuer = items.issuer.whole;
	ret_inside->algorithm = algorithm.whole;
	return 0;
}

/* RFC 5280 §5.2: a CRL with a critical extension that we can't process says nothing to us, be it a
 * delta (§5.2.4) or one of many (§5.2.5). */
static int extensions_read(struct span sequence, struct x509_crl *ret)
{
	struct x509_extensions extensions;
	const struct x509_extension *number;
	struct der_item item;

	if (sequence.size == 0)
		return 0;
	if (x509_extensions_read(sequence, &extensions) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < extensions.n; i++)
		if (extensions.items[i].critical)
			return -EBADMSG;
	number = x509_extension_find(&extensions, OID_CRL_NUMBER);
	if (!number)
		return 0;
	if (der_only(number->value, DER_INTEGER, &item) < 0)
		return -EBADMSG;
	return der_read_magnitude(&item, &ret->number);
}

int x509_crl_read(struct span der, struct x509_crl *ret)
{
	struct x509_signed wrapper;
	struct x509_inside inside;
	struct x509_crl read;

	if (x509_signed_read(der, &wrapper) < 0 ||
	    x509_tbs_crl_read(wrapper.to_be_signed, &read, &inside) < 0 ||
	    !span_equal(inside.algorithm, wrapper.algorithm.whole) ||
	    extensions_read(inside.extensions, &read) < 0)
		return -EBADMSG;
	read.whole = der;
	read.digest = wrapper.digest;
	read.signature = wrapper.signature;
	*ret = read;
	return 0;
}
