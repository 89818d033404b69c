/* SPDX-License-Identifier: Apache-2.0 */
/* What we sign: its attributes for the token, then the SignedData around the signature. */
#include "daemon/scep/draft.h"
#include "daemon/scep/parts.h"

static void put_attribute(struct der_writer *w, const struct scep_attribute *attribute)
{
	der_begin(w, DER_SEQUENCE);
	der_put_oid(w, attribute->oid);
	der_begin(w, DER_SET);
	der_put(w, attribute->tag, attribute->value);
	der_end(w);
	der_end(w);
}

#define ATTRIBUTES_MAX 16

int scep_attributes_write(const struct scep_attribute *attributes, size_t n, struct bytes *ret)
{
	_cleanup_(der_writer_done) struct der_writer w = {0};
	struct der_writer sorted = {0};
	struct span elements[ATTRIBUTES_MAX];
	struct span rest;
	struct der_item item;
	size_t count = 0;

	assert(n <= ATTRIBUTES_MAX);
	for (size_t i = 0; i < n; i++)
		if (attributes[i].present)
			put_attribute(&w, &attributes[i]);
	if (w.out.error)
		return w.out.error;
	for (rest = span_of_buffer(&w.out); der_next(&rest, &item) == 0; count++)
		elements[count] = item.whole;
	der_put_set_of(&sorted, elements, count);
	return der_finish(&sorted, ret);
}

int scep_draft_name_signer(struct scep_draft *draft, const struct scep_signer *signer)
{
	int r;

	r = bytes_copy(signer->certificate, &draft->signer);
	if (r == 0)
		r = bytes_copy(signer->issuer, &draft->signer_issuer);
	return r < 0 ? r : bytes_copy(signer->serial, &draft->signer_serial);
}

static void put_content(struct der_writer *w, const struct scep_draft *draft)
{
	scep_begin_content_info(w, OID_CMS_DATA);
	der_put(w, DER_OCTET_STRING, span_of(draft->content));
	scep_end_content_info(w);
}

static void put_signer_info(struct der_writer *w, const struct scep_draft *draft,
			    struct span signature)
{
	struct span attributes = span_of(draft->to_be_signed);

	der_begin(w, DER_SET);
	der_begin(w, DER_SEQUENCE);
	der_put_unsigned(w, 1);
	scep_put_issuer_and_serial(w, span_of(draft->signer_issuer), span_of(draft->signer_serial));
	scep_put_digest(w, draft->digest);
	/* signed under the tag of a SET, sent under [0] (RFC 5652 §5.4) */
	der_put_raw(w, SPAN(&(const uint8_t){DER_CONTEXT_CONSTRUCTED(0)}, 1));
	der_put_raw(w, span_slice(attributes, 1, SIZE_MAX));
	der_put_algorithm(w, OID_RSA_ENCRYPTION, true);
	der_put(w, DER_OCTET_STRING, signature);
	der_end(w);
	der_end(w);
}

int scep_answer_seal(const struct scep_draft *draft, struct span signature, struct bytes *ret)
{
	struct der_writer w = {0};

	scep_begin_content_info(&w, OID_CMS_SIGNED_DATA);
	der_begin(&w, DER_SEQUENCE);
	der_put_unsigned(&w, 1);
	der_begin(&w, DER_SET);
	scep_put_digest(&w, draft->digest);
	der_end(&w);
	put_content(&w, draft);
	der_put(&w, DER_CONTEXT_CONSTRUCTED(0), span_of(draft->signer));
	put_signer_info(&w, draft, signature);
	der_end(&w);
	scep_end_content_info(&w);
	return der_finish(&w, ret);
}

void scep_draft_done(struct scep_draft *draft)
{
	bytes_done(&draft->to_be_signed);
	bytes_done(&draft->content);
	bytes_done(&draft->signer);
	bytes_done(&draft->signer_issuer);
	bytes_done(&draft->signer_serial);
	*draft = (struct scep_draft){0};
}
