/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/chain.h"
#include "daemon/base/der.h"
#include "daemon/base/text.h"
#include "daemon/x509/certificate.h"
#include "daemon/x509/name.h"

#define ABOVE_MOST 8

/* Among @others, DER after DER, the one whose key signed @child; empty: none. */
static struct span find_issuer(struct span others, const struct x509_certificate *child)
{
	struct x509_certificate one;
	struct der_item item;

	while (others.size && der_next(&others, &item) >= 0)
		if (x509_certificate_read(item.whole, &one) >= 0 &&
		    x509_name_equal(one.subject, child->issuer) &&
		    x509_verify(&one.key, child->digest, child->to_be_signed, child->signature) ==
			    0)
			return item.whole;
	return (struct span){};
}

static void append_above(struct buffer *out, struct span certificate, struct span others)
{
	struct x509_certificate one;

	for (int i = 0; i < ABOVE_MOST; i++) {
		if (x509_certificate_read(certificate, &one) < 0 ||
		    x509_name_equal(one.subject, one.issuer))
			return;
		certificate = find_issuer(others, &one);
		if (!certificate.size)
			return;
		text_append_pem(out, "CERTIFICATE", certificate);
	}
}

void trustpoint_append_chain(struct buffer *out, struct span identity,
			     const struct ca_anchor_record *anchor)
{
	if (identity.size)
		text_append_pem(out, "CERTIFICATE", identity);
	text_append_pem(out, "CERTIFICATE", span_of(anchor->certificate));
	append_above(out, span_of(anchor->certificate), span_of(anchor->others));
}
