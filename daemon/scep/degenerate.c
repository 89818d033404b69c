/* SPDX-License-Identifier: Apache-2.0 */
/* SignedData that nobody signed: how certificates and CRLs travel (RFC 8894 §3.4). */
#include "daemon/scep/degenerate.h"
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

struct degenerate {
	struct der_item version, digests, content, certificates, crls, signers;
};

static const struct der_field signed_data[] = {
	DER_FIELD(struct degenerate, version, DER_INTEGER),
	DER_FIELD(struct degenerate, digests, DER_SET),
	DER_FIELD(struct degenerate, content, DER_SEQUENCE),
	DER_FIELD_OPTIONAL(struct degenerate, certificates, DER_CONTEXT_CONSTRUCTED(0)),
	DER_FIELD_OPTIONAL(struct degenerate, crls, DER_CONTEXT_CONSTRUCTED(1)),
	DER_FIELD_OPTIONAL(struct degenerate, signers, DER_SET),
};

static int certificates_read(struct span set, struct scep_ca_answer *into)
{
	struct x509_certificate certificate;
	struct der_item item;

	while (set.size) {
		if (der_next(&set, &item) != 0)
			return -EBADMSG;
		if (item.tag != DER_SEQUENCE || x509_certificate_read(item.whole, &certificate) < 0)
			continue;
		if (into->n == SCEP_CERTIFICATES_MAX)
			return -EBADMSG;
		into->certificates[into->n++] = item.whole;
	}
	return 0;
}

static int crl_read(struct span set, struct span *ret)
{
	struct der_item item = {0};

	if (set.size && (der_next(&set, &item) != 0 || item.tag != DER_SEQUENCE))
		return -EBADMSG;
	*ret = item.whole;
	return 0;
}

int scep_degenerate_read(struct span der, struct scep_ca_answer *ret, struct span *ret_crl)
{
	struct scep_ca_answer found = {.storage = ret->storage};
	struct degenerate data;
	struct der_item item;
	struct span content;
	struct span crl;
	enum oid type;

	if (der_only(der, DER_SEQUENCE, &item) < 0 ||
	    scep_content_info_read(item.content, &type, &content) < 0 ||
	    type != OID_CMS_SIGNED_DATA || der_only(content, DER_SEQUENCE, &item) < 0 ||
	    der_match(item.content, signed_data, ELEMENTS(signed_data), &data) < 0 ||
	    certificates_read(data.certificates.content, &found) < 0 ||
	    crl_read(data.crls.content, &crl) < 0)
		return -EBADMSG;
	*ret = found;
	*ret_crl = crl;
	return 0;
}
