/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/issued.h"
#include "daemon/trustpoint/trust-internal.h"
#include "daemon/x509/name.h"

#define DAY_S INT64_C(86400)

const char *trustpoint_remark_text(enum trustpoint_remark remark)
{
	static const char *const texts[] = {
		"",
		"the certificate's subject is another than was asked for",
		"the certificate's keyUsage does not allow what it was asked for",
	};

	return (size_t)remark < ELEMENTS(texts) ? texts[remark] : "unknown";
}

/* Its name is in all that it signs, so that it must be that one, byte for byte. */
static enum trustpoint_fault check_authority(const struct trustpoint_wish *wish,
					     const struct x509_certificate *anchor,
					     const struct x509_certificate *certificate)
{
	const uint16_t signs = X509_KEY_CERT_SIGN | X509_CRL_SIGN;

	/* RFC 5280 §4.2.1.9: no path through it would be believed. */
	if (anchor->extensions.path_length == 0)
		return TRUSTPOINT_FAULT_NO_LEVEL;
	if (!certificate->extensions.ca || (certificate->extensions.key_usage & signs) != signs)
		return TRUSTPOINT_FAULT_NO_AUTHORITY;
	return span_equal(certificate->subject, wish->subject) ? TRUSTPOINT_FAULT_NONE
							       : TRUSTPOINT_FAULT_OTHER_NAME;
}

static enum trustpoint_fault check_issued(const struct trustpoint_wish *wish,
					  const struct x509_certificate *anchor,
					  const struct x509_certificate *certificate)
{
	enum trustpoint_fault fault;

	if (!x509_name_equal(certificate->issuer, anchor->subject))
		return TRUSTPOINT_FAULT_ISSUER;
	if (!trust_is_signed_by(certificate, anchor))
		return TRUSTPOINT_FAULT_SIGNATURE;
	fault = wish->is_ca ? check_authority(wish, anchor, certificate) : TRUSTPOINT_FAULT_NONE;
	if (fault)
		return fault;
	if (!wish->is_ca && certificate->extensions.ca)
		return TRUSTPOINT_FAULT_IS_CA;
	if (certificate->not_after_s < wish->from_s)
		return TRUSTPOINT_FAULT_ENDED;
	if (certificate->not_before_s > wish->from_s + DAY_S)
		return TRUSTPOINT_FAULT_NOT_YET;
	return TRUSTPOINT_FAULT_NONE;
}

static enum trustpoint_remark remark_on(const struct trustpoint_wish *wish,
					const struct x509_certificate *certificate)
{
	const struct x509_extensions *extensions = &certificate->extensions;

	if (extensions->has_key_usage &&
	    (extensions->key_usage & wish->key_usage) != wish->key_usage)
		return TRUSTPOINT_REMARK_KEY_USAGE;
	if (!x509_name_equal(certificate->subject, wish->subject) &&
	    !x509_name_same_identity(certificate->subject, wish->subject))
		return TRUSTPOINT_REMARK_SUBJECT;
	return TRUSTPOINT_REMARK_NONE;
}

enum trustpoint_fault trustpoint_issued_check(const struct trustpoint_wish *wish,
					      const struct span *certificates, size_t n,
					      struct span *ret_certificate,
					      enum trustpoint_remark *ret_remark)
{
	struct x509_certificate anchor;
	struct trust_set set;
	enum trustpoint_fault fault = trust_set_read(certificates, n, &set);

	if (fault)
		return fault;
	if (x509_certificate_read(wish->anchor, &anchor) < 0)
		return TRUSTPOINT_FAULT_UNREADABLE;
	for (size_t i = 0; i < set.n; i++) {
		const struct x509_certificate *each = &set.items[i];
		if (!span_equal(each->key.spki, wish->spki))
			continue;
		fault = check_issued(wish, &anchor, each);
		if (fault)
			return fault;
		*ret_certificate = each->whole;
		*ret_remark = remark_on(wish, each);
		return TRUSTPOINT_FAULT_NONE;
	}
	return TRUSTPOINT_FAULT_NO_KEY;
}
