/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to GetNextCACert (RFC 8894 §4.7.1): certificates that the present CA vouches for. */
#include "daemon/scep/draft.h"

static int build_attributes(const struct scep_draft *draft, struct bytes *ret)
{
	uint8_t digest[DIGEST_SIZE_MAX];
	size_t size = digest_compute(draft->digest, span_of(draft->content), digest);
	const struct scep_attribute attributes[] = {
		{OID_CONTENT_TYPE, DER_OID, oid_content(OID_CMS_DATA), true},
		{OID_MESSAGE_DIGEST, DER_OCTET_STRING, SPAN(digest, size), true},
	};

	return scep_attributes_write(attributes, ELEMENTS(attributes), ret);
}

int scep_next_ca_build(const struct scep_next_ca *from, struct scep_draft *ret)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {.digest = from->digest};
	const struct scep_signer signer = {from->signer->whole, from->signer->issuer,
					   from->signer->serial};
	int r;

	r = scep_certificates_only(from->certificates, from->n_certificates, (struct span){},
				   &draft.content);
	if (r == 0)
		r = build_attributes(&draft, &draft.to_be_signed);
	if (r == 0)
		r = scep_draft_name_signer(&draft, &signer);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(draft);
	return 0;
}
