/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/answer.h"
#include "daemon/flow/signing.h"

/* CertRep's random parts: a nonce, and a content key where something is enveloped. */
struct fresh {
	uint8_t nonce[16];
	uint8_t content_key[32];
	uint8_t iv[16];
};

static void fresh_wipe(struct fresh *fresh)
{
	wipe(fresh, sizeof(*fresh));
}

static const struct exchange *signer_of(const struct scep_turn *turn)
{
	return generations_exchange(turn->generations, turn->authority->conf, turn->signer,
				    turn->now_s);
}

static int build(const struct scep_turn *turn, const struct scep_outcome *outcome,
		 struct scep_draft *ret)
{
	_cleanup_(fresh_wipe) struct fresh fresh;
	const struct x509_certificate *signer = &signer_of(turn)->certificate;
	enum cipher cipher = scep_answer_cipher(turn->request);
	const struct generation *issuer = turn->addressed ? turn->addressed : turn->active;
	struct span certificates[] = {span_of(outcome->certificate), issuer->certificate.whole};
	struct scep_answer answer = {
		.status = outcome->status,
		.fail_info = outcome->fail_info,
		.fail_text = outcome->fail_text,
		.request = turn->request,
		.sender_nonce = SPAN_ARRAY(fresh.nonce),
		.signer = signer->whole,
		.signer_issuer = signer->issuer,
		.signer_serial = signer->serial,
		.certificates = certificates,
		.crl = span_of(outcome->crl),
		.content_key = SPAN(fresh.content_key, cipher_key_size(cipher)),
		.iv = SPAN(fresh.iv, cipher_block_size(cipher)),
	};

	random_fill(&fresh, sizeof(fresh));
	if (outcome->certificate.size)
		answer.n_certificates = turn->authority->conf->include_ca ? 2 : 1;
	return scep_answer_build(&answer, ret);
}

int flow_answer(const struct scep_turn *turn, const struct scep_outcome *outcome, struct bytes *ret)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {};
	_cleanup_(bytes_done) struct bytes signature = {};
	struct key *key = signer_of(turn)->key;
	int r;

	if (!key)
		return FLOW_LATER;
	r = build(turn, outcome, &draft);
	if (r < 0)
		return r;
	r = flow_sign(turn->flow, key, draft.digest, span_of(draft.to_be_signed), &signature);
	return r ? r : scep_answer_seal(&draft, span_of(signature), ret);
}
