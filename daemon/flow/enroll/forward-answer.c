/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/forward-message.h"
#include "daemon/flow/trustpoint/answer.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/trustpoint/ca.h"
#include "daemon/trustpoint/issued.h"
#include <stdlib.h>

void forward_reading_done(struct forward_reading *reading)
{
	free(reading->reason);
	bytes_done(&reading->certificate);
	*reading = (struct forward_reading){};
}

static int is_bad(struct forward_reading *ret, const char *why)
{
	ret->event = CA_FORWARD_EVENT_BAD_ANSWER;
	return trustpoint_refuse(&ret->reason, 0, "%s", why);
}

/* To a poll badCertId says that the CA has the request no longer (RFC 8894 §3.2.1.4): nobody there
 * decided on it in time, and it is drawn up anew. */
static bool is_forgotten(const struct forward_turn *turn, const struct scep_reply *reply)
{
	return turn->record.state == CA_FORWARD_PENDING && reply->fail_info == SCEP_BAD_CERT_ID;
}

static int is_rejected(const struct forward_turn *turn, const struct scep_reply *reply,
		       struct forward_reading *ret)
{
	ret->event = is_forgotten(turn, reply) ? CA_FORWARD_EVENT_STALE : CA_FORWARD_EVENT_REJECTED;
	return trustpoint_rejection_tell(reply, &ret->reason);
}

/* Whatever CA certificate is asked for, the one in force answers, and who speaks for either. */
static size_t find_signers(const struct forward_turn *turn,
			   struct span ret[static TRUSTPOINT_SIGNERS_MOST])
{
	const struct trustpoint_turn *trustpoint = &turn->trustpoint;
	struct ca_enrollment_record asked = {};

	for (size_t i = 0; i < trustpoint->state.n_anchors; i++)
		if (span_equal(span_of(trustpoint->state.anchors[i].certificate),
			       turn->issuer->certificate.whole))
			asked.anchor_id = trustpoint->state.anchors[i].id;
	return trustpoint_signers(trustpoint, &asked, ret);
}

/* The request's key tells which it is; the CA's others come along. */
static int judge(const struct forward_turn *turn, const struct scep_ca_answer *answer,
		 struct forward_reading *ret)
{
	const struct ca_generation_record *issuer = turn->issuer->record;
	int64_t now_s = turn->trustpoint.now_s;
	enum trustpoint_remark remark = TRUSTPOINT_REMARK_NONE;
	enum trustpoint_fault fault;
	struct x509_request csr;
	struct trustpoint_wish wish;
	struct span found;
	int r = x509_request_read(span_of(turn->request.csr), &csr);

	if (r < 0)
		return r;
	wish = (struct trustpoint_wish){
		.anchor = span_of(issuer->certificate),
		.spki = csr.key.spki,
		.subject = csr.subject,
		.is_ca = turn->request.class == GRANT_CLASS_SUBORDINATE,
		.from_s = issuer->takes_over_s > now_s ? issuer->takes_over_s : now_s,
	};
	fault = trustpoint_issued_check(&wish, answer->certificates, answer->n, &found, &remark);
	if (fault)
		return is_bad(ret, trustpoint_fault_text(fault));
	ret->event = CA_FORWARD_EVENT_GRANTED;
	return bytes_copy(found, &ret->certificate);
}

static int unwrap(struct forward_turn *turn, const struct scep_reply *reply, struct secret *ret,
		  char **ret_reason)
{
	const struct ca_key_place *place = &forward_signer(turn)->key;
	_cleanup_(key_unrefp) struct key *key = NULL;
	int r = trustpoint_key_open(&turn->trustpoint, place, &key, ret_reason);

	if (r)
		return r;
	r = key_unwrap(key, reply->encrypted_key, cipher_key_size(reply->cipher), ret);
	r = r == KEY_LATER ? FLOW_LATER : r == KEY_REFUSED ? -EKEYREJECTED : r;
	return trustpoint_key_explain(place, r, ret_reason);
}

static int read_granted(struct forward_turn *turn, const struct scep_reply *reply,
			struct forward_reading *ret, char **ret_reason)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	_cleanup_(secret_done) struct secret content_key = {};
	enum scep_fault fault = SCEP_FAULT_NONE;
	struct span crl;
	int r = unwrap(turn, reply, &content_key, ret_reason);

	if (!r)
		r = scep_reply_read(reply, span_of_secret(content_key), &answer, &crl, &fault);
	if (r)
		return r;
	return fault ? is_bad(ret, scep_fault_text(fault)) : judge(turn, &answer, ret);
}

int forward_read_answer(struct forward_turn *turn, struct span body, struct span nonce,
			struct forward_reading *ret, char **ret_reason)
{
	_cleanup_(scep_reply_done) struct scep_reply reply = {};
	struct span signers[TRUSTPOINT_SIGNERS_MOST];
	struct x509_certificate recipient;
	const struct scep_expectation expected = {
		.transaction_id = span_of(turn->record.transaction_id),
		.sender_nonce = nonce,
		.signers = signers,
		.n_signers = find_signers(turn, signers),
		.recipient = &recipient,
	};
	enum scep_fault fault = SCEP_FAULT_NONE;
	int r = x509_certificate_read(span_of(forward_signer(turn)->certificate), &recipient);

	if (!r)
		r = scep_reply_open(body, &expected, &reply, &fault);
	if (r < 0)
		return r;
	if (fault)
		return is_bad(ret, scep_fault_text(fault));
	if (reply.status == SCEP_FAILURE)
		return is_rejected(turn, &reply, ret);
	ret->event = CA_FORWARD_EVENT_WAITS;
	return reply.status == SCEP_PENDING ? 0 : read_granted(turn, &reply, ret, ret_reason);
}
