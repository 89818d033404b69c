/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening an answer: a table of steps. Who signed is asked before anything that was signed is
 * believed, and what was asked before what was answered; the envelope is looked at last.
 */
#include "daemon/base/utf8.h"
#include "daemon/scep/degenerate.h"
#include "daemon/scep/envelope.h"
#include "daemon/scep/signed.h"
#include <string.h>

/*
 * What servers from before SHA-2 and AES answer with; MD5 never, for then anybody could have signed
 * it (RFC 8894 §2.9). Single DES hides a certificate here, which is no secret: servers in Go
 * (micromdm's, smallstep's) answer with it whatever they were asked with.
 */
static const struct scep_allowance allowance = {.sha1 = true, .des_ede3 = true, .des = true};

struct opening {
	const struct scep_expectation *expected;
	struct scep_reply *reply;
	struct bytes storage; /* of the outer message */
	struct scep_signed outer;
	struct scep_attributes attributes;
	struct x509_certificate signer;
};

/* 0, -errno, or an enum scep_fault. */
typedef int (*opening_step)(struct opening *o);

static int shape_step(struct opening *o)
{
	if (scep_signed_read(span_of(o->storage), &o->outer) < 0 ||
	    scep_signed_check(&o->outer, SCEP_BY_CA) < 0)
		return SCEP_FAULT_SHAPE;
	scep_attributes_read(o->outer.attributes.content, SCEP_BY_CA, &o->attributes);
	if (o->attributes.malformed ||
	    oid_find(o->attributes.content_type.content) != o->outer.content_type)
		return SCEP_FAULT_SHAPE;
	return 0;
}

static int algorithm_step(struct opening *o)
{
	if (!scep_signed_digest_is_allowed(&o->outer, &allowance) || !scep_signed_is_rsa(&o->outer))
		return SCEP_FAULT_ALGORITHM;
	return 0;
}

/* Those enclosed don't count: anybody can enclose one. */
static int signer_step(struct opening *o)
{
	for (size_t i = 0; i < o->expected->n_signers; i++)
		if (x509_certificate_read(o->expected->signers[i], &o->signer) == 0 &&
		    scep_signed_is_by_ca(&o->outer, &o->signer))
			return 0;
	return SCEP_FAULT_SIGNER;
}

static int signature_step(struct opening *o)
{
	_cleanup_(rsa_public_freep) struct rsa_public *key = NULL;
	int r;

	if (o->signer.key.kind != X509_KEY_RSA)
		return SCEP_FAULT_ALGORITHM;
	r = rsa_public_new(o->signer.key.modulus, o->signer.key.exponent, &key);
	if (r < 0)
		return r == -EKEYREJECTED ? SCEP_FAULT_ALGORITHM : r;
	r = scep_signed_verify(&o->outer, o->storage, o->attributes.message_digest.content, key);
	return r == -EBADMSG ? SCEP_FAULT_SIGNATURE : r;
}

static bool says(const struct der_item *value, const char *digits)
{
	return der_present(value) && span_equal(value->content, span_of_text(digits));
}

static int type_step(struct opening *o)
{
	return says(&o->attributes.message_type, "3") ? 0 : SCEP_FAULT_TYPE;
}

static int transaction_step(struct opening *o)
{
	const struct der_item *id = &o->attributes.transaction_id;

	return der_present(id) && span_equal(id->content, o->expected->transaction_id)
		       ? 0
		       : SCEP_FAULT_TRANSACTION;
}

static int nonce_step(struct opening *o)
{
	const struct der_item *nonce = &o->attributes.recipient_nonce;

	return der_present(nonce) && span_equal(nonce->content, o->expected->sender_nonce)
		       ? 0
		       : SCEP_FAULT_NONCE;
}

/* RFC 8894 §3.2.1.3, §3.3.2: an envelope with SUCCESS, failInfo with FAILURE, neither with PENDING.
 */
static int status_step(struct opening *o)
{
	static const struct {
		const char *digits;
		enum scep_status status;
		bool envelope, fail_info;
	} rows[] = {
		{"0", SCEP_SUCCESS, true, false},
		{"2", SCEP_FAILURE, false, true},
		{"3", SCEP_PENDING, false, false},
	};
	bool fail_info = der_present(&o->attributes.fail_info);
	bool envelope = o->outer.content.size;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		if (!says(&o->attributes.pki_status, rows[i].digits))
			continue;
		o->reply->status = rows[i].status;
		return envelope == rows[i].envelope && fail_info == rows[i].fail_info
			       ? 0
			       : SCEP_FAULT_STATUS;
	}
	return SCEP_FAULT_STATUS;
}

#define FAIL_TEXT_BYTES_MAX 512

/* Without a NUL and as UTF-8, whatever string it came in. */
static int fail_text_read(struct span text, char **ret)
{
	struct bytes copy;
	size_t size = utf8_fit(text, FAIL_TEXT_BYTES_MAX);
	int r;

	if (text.size == 0)
		return 0;
	r = bytes_new(size + 1, &copy);
	if (r < 0)
		return r;
	memcpy(copy.data, text.data, size);
	utf8_mend((char *)copy.data, size);
	*ret = (char *)copy.data;
	return 0;
}

static int failure_step(struct opening *o)
{
	const struct span info = o->attributes.fail_info.content;

	if (o->reply->status != SCEP_FAILURE)
		return 0;
	if (info.size != 1 || info.data[0] < '0' || info.data[0] > '0' + SCEP_BAD_CERT_ID)
		return SCEP_FAULT_STATUS;
	o->reply->fail_info = (enum scep_fail_info)(info.data[0] - '0');
	return fail_text_read(o->attributes.fail_info_text.content, &o->reply->fail_text);
}

/* All else is content that can't be read. */
static enum scep_fault fault_of(enum scep_trouble trouble)
{
	static const struct {
		enum scep_trouble trouble;
		enum scep_fault fault;
	} rows[] = {
		{SCEP_TROUBLE_CIPHER, SCEP_FAULT_ALGORITHM},
		{SCEP_TROUBLE_KEY_TRANSPORT, SCEP_FAULT_ALGORITHM},
		{SCEP_TROUBLE_AUTH_ENVELOPED, SCEP_FAULT_ALGORITHM},
		{SCEP_TROUBLE_RECIPIENT, SCEP_FAULT_RECIPIENT},
		{SCEP_TROUBLE_RECIPIENTS, SCEP_FAULT_RECIPIENT},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (rows[i].trouble == trouble)
			return rows[i].fault;
	return SCEP_FAULT_CONTENT;
}

static int envelope_step(struct opening *o)
{
	struct scep_reply *reply = o->reply;
	const struct scep_recipient *ours;
	struct scep_envelope envelope = {0};
	enum scep_trouble trouble;
	int r;

	if (reply->status != SCEP_SUCCESS)
		return 0;
	r = ber_to_der(o->outer.content, &reply->storage);
	if (r < 0)
		return r == -EBADMSG ? SCEP_FAULT_CONTENT : r;
	trouble = scep_envelope_read(reply->storage, &allowance, &envelope);
	if (trouble)
		return (int)fault_of(trouble);
	ours = scep_envelope_find_recipient(envelope.recipients, envelope.n_recipients,
					    o->expected->recipient);
	if (!ours)
		return SCEP_FAULT_RECIPIENT;
	reply->encrypted_key = ours->encrypted_key;
	reply->cipher = envelope.cipher;
	reply->iv = envelope.iv;
	reply->encrypted_content = envelope.encrypted_content;
	return ours->rsa_pkcs1 ? 0 : SCEP_FAULT_ALGORITHM;
}

static const opening_step steps[] = {
	shape_step,	  algorithm_step, signer_step, signature_step, type_step,
	transaction_step, nonce_step,	  status_step, failure_step,   envelope_step,
};

int scep_reply_open(struct span message, const struct scep_expectation *expected,
		    struct scep_reply *ret, enum scep_fault *ret_fault)
{
	_cleanup_(scep_reply_done) struct scep_reply reply = {0};
	struct opening o = {.expected = expected, .reply = &reply};
	int r = ber_to_der(message, &o.storage);

	if (r == -EBADMSG)
		r = SCEP_FAULT_SHAPE;
	for (size_t i = 0; r == 0 && i < ELEMENTS(steps); i++)
		r = steps[i](&o);
	bytes_done(&o.storage);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(reply);
	*ret_fault = (enum scep_fault)r;
	return 0;
}

void scep_reply_done(struct scep_reply *reply)
{
	bytes_done(&reply->storage);
	freep(&reply->fail_text);
	*reply = (struct scep_reply){0};
}
