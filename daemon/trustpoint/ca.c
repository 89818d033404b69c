/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/ca-internal.h"
#include "daemon/x509/name.h"

#define DAY_S INT64_C(86400)

bool trustpoint_ca_has(const struct trustpoint_ca *ca, struct span certificate)
{
	if (span_equal(ca->certificate, certificate))
		return true;
	for (size_t i = 0; i < ca->n_others; i++)
		if (span_equal(ca->others[i], certificate))
			return true;
	return false;
}

/* One that issued @certificate and is not among @ca's yet; NULL without. */
static const struct x509_certificate *superior_of(const struct trust_set *set, int64_t at_s,
						  const struct x509_certificate *certificate,
						  const struct trustpoint_ca *ca)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct x509_certificate *each = &set->items[i];
		if (trust_is_ca(each) && trust_is_in_force(each, at_s) &&
		    !trustpoint_ca_has(ca, each->whole) && trust_is_issued_by(certificate, each))
			return each;
	}
	return NULL;
}

/* The RAs' that @ca issued, then its superior, and that one's. Nobody stands above one that signed
 * itself: whoever certifies its name and key anew only says so, and can say it in any answer. */
void trustpoint_ca_gather(const struct trust_set *set, const struct x509_certificate *ca,
			  int64_t at_s, struct trustpoint_ca *ret)
{
	const struct x509_certificate *above = ca;

	*ret = (struct trustpoint_ca){.certificate = ca->whole};
	for (size_t i = 0; i < set->n; i++) {
		const struct x509_certificate *each = &set->items[i];
		if (!trust_is_ca(each) && trust_is_in_force(each, at_s) &&
		    trust_is_issued_by(each, ca) && !trustpoint_ca_has(ret, each->whole))
			ret->others[ret->n_others++] = each->whole;
	}
	while (!trust_is_issued_by(above, above) && (above = superior_of(set, at_s, above, ret)))
		ret->others[ret->n_others++] = above->whole;
}

/* The CA that issued an RA's certificate; NULL without. */
static const struct x509_certificate *issuer_of_an_ra(const struct trust_set *set, int64_t at_s)
{
	for (size_t i = 0; i < set->n; i++)
		for (size_t k = 0; k < set->n && !trust_is_ca(&set->items[i]); k++) {
			const struct x509_certificate *ca = &set->items[k];
			if (trust_is_ca(ca) && trust_is_in_force(ca, at_s) &&
			    trust_is_issued_by(&set->items[i], ca))
				return ca;
		}
	return NULL;
}

static bool is_same(const struct x509_certificate *a, const struct x509_certificate *b)
{
	return span_equal(a->whole, b->whole);
}

/* Says so at least, where it can't be verified: for their order alone, not for trust. */
static bool claims_issuer(const struct x509_certificate *certificate,
			  const struct x509_certificate *issuer)
{
	return x509_name_equal(certificate->issuer, issuer->subject) &&
	       (issuer->key.kind != X509_KEY_RSA || trust_is_signed_by(certificate, issuer));
}

static bool has_issued_another(const struct trust_set *set, const struct x509_certificate *ca,
			       int64_t at_s)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct x509_certificate *each = &set->items[i];
		if (!is_same(each, ca) && trust_is_ca(each) && trust_is_in_force(each, at_s) &&
		    claims_issuer(each, ca))
			return true;
	}
	return false;
}

/* The only CA that issued none of the others. */
static enum trustpoint_fault find_leaf_most(const struct trust_set *set, int64_t at_s,
					    const struct x509_certificate **ret)
{
	const struct x509_certificate *found = NULL, *other = NULL;
	bool any = false;

	for (size_t i = 0; i < set->n; i++) {
		const struct x509_certificate *each = &set->items[i];
		if (!trust_is_ca(each))
			continue;
		if (!trust_is_in_force(each, at_s)) {
			other = each;
			continue;
		}
		any = true;
		if (has_issued_another(set, each, at_s) || (found && is_same(found, each)))
			continue;
		if (found)
			return TRUSTPOINT_FAULT_SEVERAL_CAS;
		found = each;
	}
	*ret = found;
	if (found)
		return TRUSTPOINT_FAULT_NONE;
	if (any)
		return TRUSTPOINT_FAULT_SEVERAL_CAS;
	if (!other)
		return TRUSTPOINT_FAULT_NO_CA;
	return at_s > other->not_after_s ? TRUSTPOINT_FAULT_CA_ENDED : TRUSTPOINT_FAULT_CA_NOT_YET;
}

enum trustpoint_fault trustpoint_ca_choose(const struct span *certificates, size_t n, int64_t at_s,
					   struct trustpoint_ca *ret)
{
	const struct x509_certificate *ca;
	struct trust_set set;
	enum trustpoint_fault fault = trust_set_read(certificates, n, &set);

	if (fault)
		return fault;
	ca = issuer_of_an_ra(&set, at_s);
	if (!ca)
		fault = find_leaf_most(&set, at_s, &ca);
	if (fault)
		return fault;
	if (ca->key.kind != X509_KEY_RSA)
		return TRUSTPOINT_FAULT_NOT_RSA;
	if (trust_is_self_issued(ca) && !trust_is_signed_by(ca, ca))
		return TRUSTPOINT_FAULT_CA_SIGNATURE;
	trustpoint_ca_gather(&set, ca, at_s, ret);
	return TRUSTPOINT_FAULT_NONE;
}

enum trustpoint_fault trustpoint_next_ca_choose(struct span active, const struct span *certificates,
						size_t n, struct trustpoint_ca *ret)
{
	struct x509_certificate old;
	enum trustpoint_fault fault;

	if (x509_certificate_read(active, &old) < 0)
		return TRUSTPOINT_FAULT_UNREADABLE;
	fault = trustpoint_ca_choose(certificates, n, old.not_after_s + 1, ret);
	if (fault == TRUSTPOINT_FAULT_CA_NOT_YET)
		fault = trustpoint_ca_choose(certificates, n, old.not_after_s + DAY_S, ret);
	if (fault == TRUSTPOINT_FAULT_CA_NOT_YET)
		return TRUSTPOINT_FAULT_NEXT_LEAVES_A_GAP;
	if (fault != TRUSTPOINT_FAULT_CA_ENDED)
		return fault;
	return span_equal(certificates[0], active) ? TRUSTPOINT_FAULT_NEXT_IS_ACTIVE
						   : TRUSTPOINT_FAULT_NEXT_ENDS_FIRST;
}

int trustpoint_ca_join_others(const struct trustpoint_ca *ca, struct bytes *ret)
{
	_cleanup_(buffer_done) struct buffer out = {};

	for (size_t i = 0; i < ca->n_others; i++)
		buffer_append(&out, ca->others[i]);
	return buffer_take(&out, ret);
}

void trustpoint_ca_append_superiors(const struct ca_anchor_record *anchor, struct buffer *out)
{
	struct span rest = span_of(anchor->others);
	struct x509_certificate certificate;
	struct der_item item;

	while (rest.size && der_next(&rest, &item) == 0)
		if (x509_certificate_read(item.whole, &certificate) == 0 &&
		    certificate.extensions.ca)
			buffer_append(out, item.whole);
}

void trustpoint_ca_recall_all(const struct ca_anchor_record *anchor, struct trustpoint_ca *ret)
{
	struct span rest = span_of(anchor->others);
	struct der_item item;

	*ret = (struct trustpoint_ca){.certificate = span_of(anchor->certificate)};
	while (ret->n_others < ELEMENTS(ret->others) && der_next(&rest, &item) == 0)
		ret->others[ret->n_others++] = item.whole;
}

void trustpoint_ca_recall(const struct ca_anchor_record *anchor, int64_t at_s,
			  struct trustpoint_ca *ret)
{
	struct x509_certificate ca, read;
	size_t kept = 0;

	trustpoint_ca_recall_all(anchor, ret);
	if (x509_certificate_read(ret->certificate, &ca) < 0)
		ret->n_others = 0;
	for (size_t i = 0; i < ret->n_others; i++)
		if (x509_certificate_read(ret->others[i], &read) == 0 &&
		    trust_is_in_force(&read, at_s) &&
		    (trust_is_ca(&read) || trust_is_issued_by(&read, &ca)))
			ret->others[kept++] = ret->others[i];
	ret->n_others = kept;
}

static bool may(const struct x509_certificate *certificate, uint16_t usage)
{
	return !certificate->extensions.has_key_usage || certificate->extensions.key_usage & usage;
}

/* Of the others an RA's that may be used so; the empty span without. */
static struct span ra_that_may(const struct trustpoint_ca *ca, uint16_t usage, size_t *at)
{
	struct x509_certificate read;

	for (; *at < ca->n_others; (*at)++)
		if (x509_certificate_read(ca->others[*at], &read) == 0 && !trust_is_ca(&read) &&
		    read.key.kind == X509_KEY_RSA && may(&read, usage))
			return ca->others[(*at)++];
	return (struct span){};
}

struct span trustpoint_ca_recipient(const struct trustpoint_ca *ca)
{
	size_t at = 0;
	struct span ra = ra_that_may(ca, X509_KEY_ENCIPHERMENT, &at);

	return ra.size ? ra : ca->certificate;
}

size_t trustpoint_ca_signers(const struct trustpoint_ca *ca,
			     struct span ret[static SCEP_CERTIFICATES_MAX + 1])
{
	size_t n = 0, at = 0;
	struct span ra;

	ret[n++] = ca->certificate;
	while ((ra = ra_that_may(ca, X509_DIGITAL_SIGNATURE, &at)).size)
		ret[n++] = ra;
	return n;
}
