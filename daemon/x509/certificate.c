/* SPDX-License-Identifier: Apache-2.0 */
/* Reads certificates: RFC 5280 §4.1. */
#include "daemon/x509/name.h"
#include "daemon/x509/parts.h"

#define VERSION_3 2

struct tbs_items {
	struct der_item version, serial, algorithm, issuer, validity, subject, spki;
	struct der_item issuer_id, subject_id, extensions;
};

static const struct der_field tbs_fields[] = {
	DER_FIELD_OPTIONAL(struct tbs_items, version, DER_CONTEXT_CONSTRUCTED(0)),
	DER_FIELD(struct tbs_items, serial, DER_INTEGER),
	DER_FIELD(struct tbs_items, algorithm, DER_SEQUENCE),
	DER_FIELD(struct tbs_items, issuer, DER_SEQUENCE),
	DER_FIELD(struct tbs_items, validity, DER_SEQUENCE),
	DER_FIELD(struct tbs_items, subject, DER_SEQUENCE),
	DER_FIELD(struct tbs_items, spki, DER_SEQUENCE),
	DER_FIELD_OPTIONAL(struct tbs_items, issuer_id, DER_CONTEXT(1)),
	DER_FIELD_OPTIONAL(struct tbs_items, subject_id, DER_CONTEXT(2)),
	DER_FIELD_OPTIONAL(struct tbs_items, extensions, DER_CONTEXT_CONSTRUCTED(3)),
};

struct validity_items {
	struct der_item not_before, not_after;
};

static const struct der_field validity_fields[] = {
	DER_FIELD(struct validity_items, not_before, DER_ANY),
	DER_FIELD(struct validity_items, not_after, DER_ANY),
};

/* Version 1 may be said aloud, as some old signers do, though DER leaves a default out. */
static int version_read(const struct der_item *item, uint64_t *ret)
{
	struct der_item number;

	*ret = 0;
	if (!der_present(item))
		return 0;
	if (der_only(item->content, DER_INTEGER, &number) < 0 ||
	    der_read_unsigned(&number, ret) < 0 || *ret > VERSION_3)
		return -EBADMSG;
	return 0;
}

/* RFC 5280 §4.1.2.8, §4.1.2.9: what the versions may hold. */
static bool fits_version(const struct tbs_items *items, uint64_t version)
{
	if (der_present(&items->extensions) && version < VERSION_3)
		return false;
	return version > 0 || (!der_present(&items->issuer_id) && !der_present(&items->subject_id));
}

static bool unique_id_is_readable(const struct der_item *item)
{
	struct span bits;
	unsigned unused;

	return !der_present(item) || der_read_bits(item, &bits, &unused) == 0;
}

static int validity_read(const struct der_item *item, struct x509_certificate *ret)
{
	struct validity_items items;

	if (der_match(item->content, validity_fields, ELEMENTS(validity_fields), &items) < 0 ||
	    der_read_time(&items.not_before, &ret->not_before_s) < 0 ||
	    der_read_time(&items.not_after, &ret->not_after_s) < 0)
		return -EBADMSG;
	return 0;
}

static int values_read(const struct tbs_items *items, struct x509_certificate *ret)
{
	if (version_read(&items->version, &ret->version) < 0 ||
	    !fits_version(items, ret->version) || !unique_id_is_readable(&items->issuer_id) ||
	    !unique_id_is_readable(&items->subject_id) ||
	    der_read_magnitude(&items->serial, &ret->serial) < 0 ||
	    !x509_name_is_valid(items->issuer.whole) || !x509_name_is_valid(items->subject.whole) ||
	    validity_read(&items->validity, ret) < 0)
		return -EBADMSG;
	ret->issuer = items->issuer.whole;
	ret->subject = items->subject.whole;
	return x509_key_read(items->spki.whole, &ret->key);
}

int x509_tbs_certificate_read(struct span tbs, struct x509_certificate *ret,
			      struct x509_inside *ret_inside)
{
	struct x509_algorithm algorithm;
	struct tbs_items items;
	struct der_item outer;

	*ret = (struct x509_certificate){.to_be_signed = tbs, .extensions.path_length = -1};
	if (der_only(tbs, DER_SEQUENCE, &outer) < 0 ||
	    der_match(outer.content, tbs_fields, ELEMENTS(tbs_fields), &items) < 0 ||
	    x509_algorithm_read(&items.algorithm, &algorithm) < 0 || values_read(&items, ret) < 0 ||
	    x509_explicit_sequence(&items.extensions, &ret_inside->extensions) < 0)
		return -EBADMSG;
	ret_inside->algorithm = algorithm.whole;
	return 0;
}

int x509_certificate_read(struct span der, struct x509_certificate *ret)
{
	struct x509_certificate read;
	struct x509_signed wrapper;
	struct x509_inside inside;

	if (x509_signed_read(der, &wrapper) < 0 ||
	    x509_tbs_certificate_read(wrapper.to_be_signed, &read, &inside) < 0)
		return -EBADMSG;
	/* RFC 5280 §4.1.1.2: the same algorithm within the signature and outside of it */
	if (!span_equal(inside.algorithm, wrapper.algorithm.whole))
		return -EBADMSG;
	if (inside.extensions.size && x509_extensions_read(inside.extensions, &read.extensions) < 0)
		return -EBADMSG;
	read.whole = der;
	read.digest = wrapper.digest;
	read.signature = wrapper.signature;
	*ret = read;
	return 0;
}

struct span x509_certificate_identifier(const struct x509_certificate *certificate,
					uint8_t storage[static 20])
{
	const struct x509_extension *own =
		x509_extension_find(&certificate->extensions, OID_SUBJECT_KEY_IDENTIFIER);
	struct der_item octets;

	if (own && !der_only(own->value, DER_OCTET_STRING, &octets) && octets.content.size)
		return octets.content;
	x509_key_identifier(&certificate->key, storage);
	return SPAN(storage, 20);
}
