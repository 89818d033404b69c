/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a request: a table of steps in the order that RFC 8894 and prudence ask for. The outer
 * signature is verified before anything of the envelope is looked at, and what each step fills in
 * stays in the request whatever a later one finds.
 */
#include "daemon/scep/attributes.h"
#include "daemon/scep/envelope.h"
#include "daemon/scep/signed.h"
#include <string.h>

struct opening {
	struct scep_request *request;
	struct scep_signed outer;
	struct scep_attributes attributes;
};

/* 0, -errno, or an enum scep_trouble. */
typedef int (*opening_step)(struct opening *o);

static int structure_step(struct opening *o)
{
	return scep_signed_check(&o->outer, SCEP_BY_CLIENT) < 0 ? SCEP_TROUBLE_STRUCTURE : 0;
}

static int attributes_step(struct opening *o)
{
	if (o->attributes.malformed || oid_find(o->attributes.content_type.content) != OID_CMS_DATA)
		return SCEP_TROUBLE_ATTRIBUTE;
	return 0;
}

static int digest_step(struct opening *o)
{
	o->request->digest = digest_find_oid(o->outer.digest.oid);
	return scep_signed_digest_is_allowed(&o->outer, &o->request->allowance)
		       ? 0
		       : SCEP_TROUBLE_DIGEST;
}

/* Every certificate is read, though only the first that is the signer's counts. */
static int signer_step(struct opening *o)
{
	struct span rest = o->outer.certificates.content;
	struct x509_certificate candidate;
	struct der_item item;
	bool found = false;

	for (size_t n = 0; rest.size; n++) {
		if (n == SCEP_CERTIFICATES_MAX || der_next(&rest, &item) != 0 ||
		    x509_certificate_read(item.whole, &candidate) < 0)
			return SCEP_TROUBLE_STRUCTURE;
		if (found || !scep_signed_is_by(&o->outer, &candidate))
			continue;
		o->request->signer = candidate;
		found = true;
	}
	return found ? 0 : SCEP_TROUBLE_SIGNATURE;
}

static int signer_key_step(struct opening *o)
{
	const struct x509_key *key = &o->request->signer.key;
	int r;

	if (key->kind != X509_KEY_RSA)
		return SCEP_TROUBLE_SIGNER_KEY;
	r = rsa_public_new(key->modulus, key->exponent, &o->request->signer_key);
	if (r == -EKEYREJECTED)
		return SCEP_TROUBLE_SIGNER_KEY_SIZE;
	o->request->signer_is_known = r == 0;
	return r;
}

static int signature_algorithm_step(struct opening *o)
{
	return scep_signed_is_rsa(&o->outer) ? 0 : SCEP_TROUBLE_SIGNATURE_ALGORITHM;
}

static int signature_step(struct opening *o)
{
	struct scep_request *request = o->request;
	int r = scep_signed_verify(&o->outer, request->storage,
				   o->attributes.message_digest.content, request->signer_key);

	return r == -EBADMSG ? SCEP_TROUBLE_SIGNATURE : r;
}

static enum scep_message_type type_read(const struct der_item *value)
{
	static const struct {
		const char *digits;
		enum scep_message_type type;
	} rows[] = {
		{"17", SCEP_RENEWAL_REQ}, {"19", SCEP_PKCS_REQ}, {"20", SCEP_CERT_POLL},
		{"21", SCEP_GET_CERT},	  {"22", SCEP_GET_CRL},
	};

	for (size_t i = 0; value->tag == DER_PRINTABLE_STRING && i < ELEMENTS(rows); i++)
		if (span_equal(value->content, span_of_text(rows[i].digits)))
			return rows[i].type;
	return SCEP_TYPE_UNKNOWN;
}

static int type_step(struct opening *o)
{
	o->request->type = type_read(&o->attributes.message_type);
	return o->request->type == SCEP_TYPE_UNKNOWN ? SCEP_TROUBLE_MESSAGE_TYPE : 0;
}

static int envelope_step(struct opening *o)
{
	struct scep_request *request = o->request;
	struct scep_envelope envelope = {0};
	enum scep_trouble trouble;
	int r = ber_to_der(o->outer.content, &request->envelope_storage);

	if (r < 0)
		return r == -EBADMSG ? SCEP_TROUBLE_STRUCTURE : r;
	trouble = scep_envelope_read(request->envelope_storage, &request->allowance, &envelope);
	memcpy(request->recipients, envelope.recipients, sizeof(request->recipients));
	request->n_recipients = envelope.n_recipients;
	request->cipher = envelope.cipher;
	request->iv = envelope.iv;
	request->encrypted_content = envelope.encrypted_content;
	return (int)trouble;
}

static const opening_step steps[] = {
	structure_step,		  attributes_step, digest_step, signer_step,   signer_key_step,
	signature_algorithm_step, signature_step,  type_step,	envelope_step,
};

/* What an answer needs at least. */
static bool transaction_read(struct opening *o)
{
	struct scep_request *request = o->request;

	if (scep_signed_read(span_of(request->storage), &o->outer) < 0)
		return false;
	scep_attributes_read(o->outer.attributes.content, SCEP_BY_CLIENT, &o->attributes);
	request->transaction_id = o->attributes.transaction_id.content;
	request->transaction_id_tag = o->attributes.transaction_id.tag;
	request->sender_nonce = o->attributes.sender_nonce.content;
	return der_present(&o->attributes.transaction_id) &&
	       der_present(&o->attributes.sender_nonce);
}

int scep_request_open(struct span message, const struct scep_allowance *allowance,
		      struct scep_request *ret, enum scep_trouble *ret_trouble)
{
	_cleanup_(scep_request_done) struct scep_request request = {
		.type = SCEP_TYPE_UNKNOWN,
		.allowance = *allowance,
	};
	struct opening o = {.request = &request};
	int r = ber_to_der(message, &request.storage);

	if (r < 0)
		return r == -EBADMSG ? SCEP_UNREADABLE : r;
	sha256(message, request.digest_of_message);
	if (!transaction_read(&o))
		return SCEP_UNREADABLE;
	for (size_t i = 0; r == 0 && i < ELEMENTS(steps); i++)
		r = steps[i](&o);
	if (r < 0)
		return r;
	*ret_trouble = (enum scep_trouble)r;
	*ret = TAKE_STRUCT(request);
	return 0;
}

void scep_request_done(struct scep_request *request)
{
	request->signer_key = rsa_public_free(request->signer_key);
	bytes_done(&request->envelope_storage);
	bytes_done(&request->storage);
	*request = (struct scep_request){.type = SCEP_TYPE_UNKNOWN};
}

const struct scep_recipient *scep_request_find_recipient(const struct scep_request *request,
							 const struct x509_certificate *ours)
{
	return scep_envelope_find_recipient(request->recipients, request->n_recipients, ours);
}

bool scep_request_can_be_answered(const struct scep_request *request)
{
	const struct x509_extensions *extensions = &request->signer.extensions;

	return request->signer_is_known &&
	       (!extensions->has_key_usage || extensions->key_usage & X509_KEY_ENCIPHERMENT);
}

int scep_request_verify_csr(const struct scep_request *request, const struct x509_request *csr)
{
	if (!request->signer_is_known || !span_equal(csr->key.spki, request->signer.key.spki))
		return x509_verify(&csr->key, csr->digest, csr->to_be_signed, csr->signature);
	if (csr->digest == DIGEST_NONE)
		return -EBADMSG;
	return rsa_public_verify(request->signer_key, csr->digest, csr->to_be_signed,
				 csr->signature);
}
