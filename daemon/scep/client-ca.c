/* SPDX-License-Identifier: Apache-2.0 */
/* What a CA gives of itself: the answers to GetCACert and GetNextCACert (RFC 8894 §4.2, §4.7). */
#include "daemon/scep/degenerate.h"
#include "daemon/scep/signed.h"

void scep_ca_answer_done(struct scep_ca_answer *answer)
{
	bytes_done(&answer->storage);
	*answer = (struct scep_ca_answer){0};
}

/* The certificates of the message that @answer's storage holds. */
static int certificates_read(struct scep_ca_answer *answer)
{
	struct span crl;

	if (scep_degenerate_read(span_of(answer->storage), answer, &crl) < 0)
		return -EBADMSG;
	return answer->n ? 0 : -EBADMSG;
}

int scep_ca_answer_read(struct span body, struct scep_ca_answer *ret)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};
	struct x509_certificate certificate;
	int r = ber_to_der(body, &answer.storage);

	if (r < 0)
		return r;
	if (x509_certificate_read(span_of(answer.storage), &certificate) == 0)
		answer.certificates[answer.n++] = certificate.whole;
	else
		r = certificates_read(&answer);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(answer);
	return 0;
}

/* What the outer message holds, in @ret_content, once its signature has been found to be @ca's. */
static int signed_by_ca(struct bytes storage, const struct x509_certificate *ca,
			struct span *ret_content)
{
	static const struct scep_allowance allowance = {.sha1 = true};
	_cleanup_(rsa_public_freep) struct rsa_public *key = NULL;
	struct scep_attributes attributes;
	struct scep_signed outer;
	int r;

	if (scep_signed_read(span_of(storage), &outer) < 0 ||
	    scep_signed_check(&outer, SCEP_BY_CA) < 0)
		return -EBADMSG;
	scep_attributes_read(outer.attributes.content, SCEP_BY_CA, &attributes);
	if (attributes.malformed || oid_find(attributes.content_type.content) != outer.content_type)
		return -EBADMSG;
	if (ca->key.kind != X509_KEY_RSA || !scep_signed_is_by_ca(&outer, ca) ||
	    !scep_signed_digest_is_allowed(&outer, &allowance) || !scep_signed_is_rsa(&outer))
		return -EKEYREJECTED;
	r = rsa_public_new(ca->key.modulus, ca->key.exponent, &key);
	if (r == 0)
		r = scep_signed_verify(&outer, storage, attributes.message_digest.content, key);
	if (r < 0)
		return r == -EBADMSG ? -EKEYREJECTED : r;
	*ret_content = outer.content;
	return 0;
}

int scep_next_ca_read(struct span body, const struct x509_certificate *ca,
		      struct scep_ca_answer *ret)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};
	_cleanup_(bytes_done) struct bytes storage = {0};
	struct span content;
	int r = ber_to_der(body, &storage);

	if (r == 0)
		r = signed_by_ca(storage, ca, &content);
	if (r == 0)
		r = ber_to_der(content, &answer.storage);
	if (r == 0)
		r = certificates_read(&answer);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(answer);
	return 0;
}
