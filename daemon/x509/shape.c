/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes are tried one after the other; by their tags no bytes fit two of them. The readers are the
 * same as those of whole certificates, requests and CRLs, so that nothing is signed that would be
 * refused when it comes back.
 */
#include "daemon/x509/shape.h"
#include "daemon/x509/checkpoint.h"
#include "daemon/x509/parts.h"

#define CMS_ATTRIBUTES_MAX 32

static bool certificate_read(struct span tbs, struct x509_shape *shape)
{
	struct x509_certificate certificate;
	struct x509_inside inside;

	if (x509_tbs_certificate_read(tbs, &certificate, &inside) < 0)
		return false;
	shape->version = certificate.version;
	shape->serial = certificate.serial;
	shape->issuer = certificate.issuer;
	shape->subject = certificate.subject;
	shape->spki = certificate.key.spki;
	shape->not_after_s = certificate.not_after_s;
	shape->unreadable_extensions =
		inside.extensions.size &&
		x509_extensions_read(inside.extensions, &certificate.extensions) < 0;
	shape->ca = certificate.extensions.ca;
	shape->has_key_usage = certificate.extensions.has_key_usage;
	shape->key_cert_sign = certificate.extensions.key_usage & X509_KEY_CERT_SIGN;
	shape->crl_sign = certificate.extensions.key_usage & X509_CRL_SIGN;
	return true;
}

static bool crl_read(struct span tbs, struct x509_shape *shape)
{
	struct x509_extensions extensions;
	struct x509_inside inside;
	struct x509_crl crl;

	if (x509_tbs_crl_read(tbs, &crl, &inside) < 0)
		return false;
	shape->version = crl.version;
	shape->issuer = crl.issuer;
	shape->unreadable_extensions =
		inside.extensions.size && x509_extensions_read(inside.extensions, &extensions) < 0;
	return true;
}

static bool request_read(struct span tbs, struct x509_shape *shape)
{
	struct x509_request request;

	if (x509_tbs_request_read(tbs, &request) < 0)
		return false;
	shape->subject = request.subject;
	shape->spki = request.key.spki;
	return true;
}

struct cms_attribute {
	struct der_item type, values;
};

static const struct der_field cms_fields[] = {
	DER_FIELD(struct cms_attribute, type, DER_OID),
	DER_FIELD(struct cms_attribute, values, DER_SET),
};

/* The attributes met so far; an OID_UNKNOWN type is compared by its contents. */
struct cms_attributes {
	struct cms_attribute items[CMS_ATTRIBUTES_MAX];
	size_t n;
};

static const struct cms_attribute *cms_find(const struct cms_attributes *all, struct span type)
{
	for (size_t i = 0; i < all->n; i++)
		if (span_equal(all->items[i].type.content, type))
			return &all->items[i];
	return NULL;
}

static bool cms_attribute_read(const struct der_item *sequence, struct cms_attributes *all)
{
	struct cms_attribute *attribute = &all->items[all->n];

	if (sequence->tag != DER_SEQUENCE ||
	    der_match(sequence->content, cms_fields, ELEMENTS(cms_fields), attribute) < 0 ||
	    !x509_oid_is_valid(attribute->type.content) || cms_find(all, attribute->type.content) ||
	    attribute->values.content.size == 0 || !x509_all_are_valid(attribute->values.content))
		return false;
	all->n++;
	return true;
}

/* The only value of an attribute, of this type. */
static bool cms_value(const struct cms_attributes *all, enum oid oid, uint8_t tag,
		      struct der_item *ret)
{
	const struct cms_attribute *attribute = cms_find(all, oid_content(oid));

	return attribute && der_only(attribute->values.content, tag, ret) == 0;
}

/* The arcs of SCEP's attributes, and of the content types of CMC. */
static const struct span scep_arc = {(const uint8_t *)"\x60\x86\x48\x01\x86\xf8\x45\x01\x09", 9};
static const struct span cmc_arc = {(const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x0c", 7};

static bool is_below(struct span arc, struct span oid)
{
	return span_equal(span_slice(oid, 0, arc.size), arc);
}

static bool cms_enrols(const struct cms_attributes *all, struct span content_type)
{
	for (size_t i = 0; i < all->n; i++)
		if (is_below(scep_arc, all->items[i].type.content) ||
		    span_equal(all->items[i].type.content, oid_content(OID_SCEP_FAIL_INFO_TEXT)))
			return true;
	return is_below(cmc_arc, content_type);
}

/* RFC 5652 §5.4: a SET OF in DER, so sorted, signed under its universal tag; §11.1, §11.2: with
 * contentType and messageDigest. */
static bool cms_read(struct span to_be_signed, struct x509_shape *shape)
{
	struct cms_attributes all = {.n = 0};
	struct span before = {0};
	struct der_item set;
	struct der_item item;

	if (der_only(to_be_signed, DER_SET, &set) < 0)
		return false;
	for (struct span rest = set.content; rest.size; before = item.whole)
		if (all.n == CMS_ATTRIBUTES_MAX || der_next(&rest, &item) < 0 ||
		    span_compare(before, item.whole) >= 0 || !cms_attribute_read(&item, &all))
			return false;
	if (!cms_value(&all, OID_MESSAGE_DIGEST, DER_OCTET_STRING, &item) ||
	    !cms_value(&all, OID_CONTENT_TYPE, DER_OID, &item))
		return false;
	shape->enrols = cms_enrols(&all, item.content);
	if (cms_value(&all, OID_SCEP_MESSAGE_TYPE, DER_PRINTABLE_STRING, &item))
		shape->message_type = item.content;
	return true;
}

static bool checkpoint_read(struct span to_be_signed, struct x509_shape *shape)
{
	struct x509_checkpoint checkpoint;

	if (x509_checkpoint_read(to_be_signed, &checkpoint) < 0)
		return false;
	shape->audit_seq = checkpoint.seq;
	return true;
}

static const struct {
	enum x509_shape_kind kind;
	bool (*read)(struct span to_be_signed, struct x509_shape *shape);
} shapes[] = {
	{X509_SHAPE_CERTIFICATE, certificate_read}, {X509_SHAPE_CRL, crl_read},
	{X509_SHAPE_REQUEST, request_read},	    {X509_SHAPE_CMS_ATTRIBUTES, cms_read},
	{X509_SHAPE_CHECKPOINT, checkpoint_read},
};

void x509_shape_read(struct span to_be_signed, struct x509_shape *ret)
{
	for (size_t i = 0; i < ELEMENTS(shapes); i++) {
		struct x509_shape shape = {.kind = shapes[i].kind};

		if (!shapes[i].read(to_be_signed, &shape))
			continue;
		*ret = shape;
		return;
	}
	*ret = (struct x509_shape){.kind = X509_SHAPE_UNKNOWN};
}
