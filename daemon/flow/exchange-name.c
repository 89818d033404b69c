/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/exchange-name.h"
#include "daemon/x509/rdn.h"

#define SUFFIX	" exchange"
#define CN_MOST 64 /* ub-common-name (RFC 5280 appendix A.1) */

/* Of strings in which ASCII stands as it is. */
static bool takes_suffix(const struct x509_attribute *attribute)
{
	uint8_t tag = attribute->value.tag;

	return oid_find(attribute->type) == OID_COMMON_NAME &&
	       (tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING) &&
	       attribute->value.content.size + sizeof(SUFFIX) - 1 <= CN_MOST;
}

/* The last in its RDN, whose order a longer value does not change (X.690 §11.6). */
static struct span find_common_name(const struct x509_rdns *rdns)
{
	struct x509_name_walk walk = {.rdns = rdns};
	struct x509_attribute attribute;
	struct span found = {};

	while (x509_name_walk_next(&walk, &attribute))
		if (takes_suffix(&attribute) &&
		    rdns->items[attribute.rdn].data + rdns->items[attribute.rdn].size ==
			    attribute.value.whole.data + attribute.value.whole.size)
			found = attribute.value.whole;
	return found;
}

static void put_attribute(struct der_writer *w, struct span type, uint8_t tag, struct span start,
			  struct span end)
{
	_cleanup_(buffer_done) struct buffer value = {};

	buffer_append(&value, start);
	buffer_append(&value, end);
	der_begin(w, DER_SEQUENCE);
	der_put(w, DER_OID, type);
	der_put(w, tag, span_of_buffer(&value));
	der_end(w);
}

/* Its attributes as they are, but the one with this common name. */
static void put_rdn(struct der_writer *w, struct span rdn, struct span common_name)
{
	struct x509_attribute attribute;

	der_begin(w, DER_SET);
	while (x509_attribute_next(&rdn, &attribute) == 0) {
		bool changes = attribute.value.whole.data == common_name.data;

		put_attribute(w, attribute.type, attribute.value.tag, attribute.value.content,
			      changes ? SPAN_LITERAL(SUFFIX) : (struct span){});
	}
	der_end(w);
}

int exchange_name(struct span issuer, struct bytes *ret)
{
	struct der_writer w = {};
	struct x509_rdns rdns;
	struct span common_name;
	int r = x509_rdns_read(issuer, &rdns);

	if (r < 0)
		return r;
	common_name = find_common_name(&rdns);
	der_begin(&w, DER_SEQUENCE);
	for (size_t i = 0; i < rdns.n; i++)
		put_rdn(&w, rdns.items[i], common_name);
	if (!common_name.size) {
		der_begin(&w, DER_SET);
		put_attribute(&w, oid_content(OID_ORGANIZATIONAL_UNIT), DER_PRINTABLE_STRING,
			      SPAN_LITERAL("exchange"), (struct span){});
		der_end(&w);
	}
	der_end(&w);
	return der_finish(&w, ret);
}
