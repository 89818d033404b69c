/* SPDX-License-Identifier: Apache-2.0 */
/* What was enveloped to us, and the words for what is wrong with an answer. */
#include "daemon/scep/degenerate.h"

/* RFC 8894 §3.4, in @answer's storage. */
static int content_read(struct span plain, struct scep_ca_answer *answer, struct span *ret_crl)
{
	int r = ber_to_der(plain, &answer->storage);

	if (r == 0)
		r = scep_degenerate_read(span_of(answer->storage), answer, ret_crl);
	if (r == 0 && answer->n == 0 && ret_crl->size == 0)
		r = -EBADMSG;
	return r;
}

int scep_reply_read(const struct scep_reply *reply, struct span content_key,
		    struct scep_ca_answer *ret, struct span *ret_crl, enum scep_fault *ret_fault)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {0};
	_cleanup_(bytes_done) struct bytes plain = {0};
	struct span crl = {0};
	int r = cipher_decrypt(reply->cipher, content_key, reply->iv, reply->encrypted_content,
			       &plain);

	if (r == 0)
		r = content_read(span_of(plain), &answer, &crl);
	if (r < 0 && r != -EBADMSG)
		return r;
	*ret_fault = r < 0 ? SCEP_FAULT_CONTENT : SCEP_FAULT_NONE;
	if (r < 0)
		scep_ca_answer_done(&answer);
	*ret_crl = r < 0 ? (struct span){0} : crl;
	*ret = TAKE_STRUCT(answer);
	return 0;
}

static const char *const texts[] = {
	[SCEP_FAULT_NONE] = "",
	[SCEP_FAULT_SHAPE] = "what came is no SCEP answer",
	[SCEP_FAULT_SIGNATURE] = "the answer's signature is wrong",
	[SCEP_FAULT_SIGNER] = "the answer is signed neither by the CA nor by one that came with it",
	[SCEP_FAULT_TYPE] = "the answer is no CertRep",
	[SCEP_FAULT_TRANSACTION] = "the answer belongs to another transaction",
	[SCEP_FAULT_NONCE] = "the answer is to another message: its recipientNonce is not ours",
	[SCEP_FAULT_STATUS] = "the answer's pkiStatus is none, or does not fit what came with it",
	[SCEP_FAULT_RECIPIENT] = "the answer is enveloped to somebody else",
	[SCEP_FAULT_ALGORITHM] = "the answer uses MD5, or what is neither RSA nor a known cipher",
	[SCEP_FAULT_CONTENT] = "what the answer envelops can't be opened or holds no certificate",
};

const char *scep_fault_text(enum scep_fault fault)
{
	assert(fault < ELEMENTS(texts));
	return texts[fault];
}
