/* SPDX-License-Identifier: Apache-2.0 */
/* SignedData that nobody signed: how certificates and CRLs travel (RFC 8894 §3.4). */
#include "daemon/scep/message.h"
#include "daemon/scep/parts.h"

/* The set keeps the caller's order, against DER: clients take the first certificate for theirs. */
static void put_certificates(struct der_writer *w, const struct span *certificates, size_t n)
{
	if (n == 0)
		return;
	der_begin(w, DER_CONTEXT_CONSTRUCTED(0));
	for (size_t i = 0; i < n; i++)
		der_put_raw(w, certificates[i]);
	der_end(w);
}

int scep_certificates_only(const struct span *certificates, size_t n, struct span crl,
			   struct bytes *ret)
{
	struct der_writer w = {0};

	scep_begin_content_info(&w, OID_CMS_SIGNED_DATA);
	der_begin(&w, DER_SEQUENCE);
	der_put_unsigned(&w, 1);
	der_put(&w, DER_SET, (struct span){0});
	der_begin(&w, DER_SEQUENCE);
	der_put_oid(&w, OID_CMS_DATA);
	der_end(&w);
	put_certificates(&w, certificates, n);
	if (crl.size)
		der_put(&w, DER_CONTEXT_CONSTRUCTED(1), crl);
	der_put(&w, DER_SET, (struct span){0});
	der_end(&w);
	scep_end_content_info(&w);
	return der_finish(&w, ret);
}
