/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scep/parts.h"
#include "daemon/x509/name.h"

struct pair {
	struct der_item first, second;
};

static const struct der_field content_info[] = {
	DER_FIELD(struct pair, first, DER_OID),
	DER_FIELD(struct pair, second, DER_CONTEXT_CONSTRUCTED(0)),
};

static const struct der_field issuer_and_serial[] = {
	DER_FIELD(struct pair, first, DER_SEQUENCE),
	DER_FIELD(struct pair, second, DER_INTEGER),
};

bool scep_oid_is_sound(struct span content)
{
	bool first_octet = true;

	for (size_t i = 0; i < content.size; i++) {
		if (first_octet && content.data[i] == 0x80)
			return false;
		first_octet = content.data[i] < 0x80;
	}
	return content.size && first_octet;
}

bool scep_value_is_sound(const struct der_item *value)
{
	uint64_t ignored;
	struct span bits;
	unsigned unused;
	bool truth;

	switch (value->tag) {
	case DER_BOOLEAN:
		return der_read_boolean(value, &truth) == 0;
	case DER_INTEGER:
	case DER_ENUMERATED:
		return der_read_unsigned(value, &ignored) != -EBADMSG;
	case DER_BIT_STRING:
		return der_read_bits(value, &bits, &unused) == 0;
	case DER_NULL:
		return value->content.size == 0;
	case DER_OID:
		return scep_oid_is_sound(value->content);
	case DER_BMP_STRING:
		return value->content.size % 2 == 0;
	case DER_UNIVERSAL_STRING:
		return value->content.size % 4 == 0;
	default:
		return true;
	}
}

int scep_algorithm_read(const struct der_item *item, struct scep_algorithm *ret)
{
	struct scep_algorithm algorithm = {0};
	struct span rest = item->content;
	struct der_item oid;
	int r;

	if (item->tag != DER_SEQUENCE || der_next(&rest, &oid) != 0 || oid.tag != DER_OID ||
	    !scep_oid_is_sound(oid.content))
		return -EBADMSG;
	r = der_next(&rest, &algorithm.parameters);
	if (r == -EBADMSG || rest.size || (r == 0 && !scep_value_is_sound(&algorithm.parameters)))
		return -EBADMSG;
	algorithm.oid = oid_find(oid.content);
	*ret = algorithm;
	return 0;
}

bool scep_algorithm_is_plain(const struct scep_algorithm *algorithm)
{
	const struct der_item *parameters = &algorithm->parameters;

	return !der_present(parameters) ||
	       (parameters->tag == DER_NULL && parameters->content.size == 0);
}

void scep_put_digest(struct der_writer *w, enum digest digest)
{
	der_put_algorithm(w, digest_oid(digest), digest == DIGEST_MD5 || digest == DIGEST_SHA1);
}

int scep_content_info_read(struct span contents, enum oid *ret_type, struct span *ret_content)
{
	struct pair info;

	if (der_match(contents, content_info, ELEMENTS(content_info), &info) < 0)
		return -EBADMSG;
	*ret_type = oid_find(info.first.content);
	*ret_content = info.second.content;
	return 0;
}

void scep_begin_content_info(struct der_writer *w, enum oid type)
{
	der_begin(w, DER_SEQUENCE);
	der_put_oid(w, type);
	der_begin(w, DER_CONTEXT_CONSTRUCTED(0));
}

void scep_end_content_info(struct der_writer *w)
{
	der_end(w);
	der_end(w);
}

int scep_issuer_and_serial_read(struct span contents, struct span *ret_issuer,
				struct span *ret_serial)
{
	struct pair name;

	if (der_match(contents, issuer_and_serial, ELEMENTS(issuer_and_serial), &name) < 0 ||
	    !x509_name_is_valid(name.first.whole) ||
	    der_read_magnitude(&name.second, ret_serial) < 0)
		return -EBADMSG;
	*ret_issuer = name.first.whole;
	return 0;
}

void scep_put_issuer_and_serial(struct der_writer *w, struct span issuer, struct span serial)
{
	der_begin(w, DER_SEQUENCE);
	der_put_raw(w, issuer);
	der_put_magnitude(w, serial);
	der_end(w);
}
