/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/answer.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/trustpoint/ca.h"
#include <stdlib.h>

void trustpoint_reading_done(struct trustpoint_reading *reading)
{
	free(reading->reason);
	bytes_done(&reading->certificate);
	*reading = (struct trustpoint_reading){};
}

static size_t add_signers(const struct ca_anchor_record *anchor, int64_t now_s, struct span *ret)
{
	int64_t at_s = anchor->takes_over_s > now_s ? anchor->takes_over_s : now_s;
	struct trustpoint_ca ca = {};

	trustpoint_ca_recall(anchor, at_s, &ca);
	return trustpoint_ca_signers(&ca, ret);
}

size_t trustpoint_signers(const struct trustpoint_turn *turn,
			  const struct ca_enrollment_record *enrollment,
			  struct span ret[static TRUSTPOINT_SIGNERS_MOST])
{
	const struct ca_anchor_record *asked = ca_anchor_find(&turn->state, enrollment->anchor_id);
	const struct ca_anchor_record *active = ca_anchor_active(&turn->state, turn->now_s);
	size_t n = 0;

	if (asked)
		n = add_signers(asked, turn->now_s, ret);
	if (active && active != asked)
		n += add_signers(active, turn->now_s, ret + n);
	return n;
}

/* An answer that can't be used. */
static int is_bad(struct trustpoint_reading *ret, const char *why)
{
	int r = trustpoint_refuse(&ret->reason, 0, "%s", why);

	ret->event = TRUSTPOINT_EVENT_BAD_ANSWER;
	return r;
}

/* A CA keeps what nobody decides on for a while only; what was denied it would still know of. */
static bool is_forgotten(const struct ca_enrollment_record *enrollment,
			 const struct scep_reply *reply)
{
	return enrollment->state == CA_ENROLLMENT_PENDING && reply->fail_info == SCEP_BAD_CERT_ID;
}

int trustpoint_rejection_tell(const struct scep_reply *reply, char **ret)
{
	struct buffer text = {};

	buffer_printf(&text, "the CA answers %s", scep_fail_info_name(reply->fail_info));
	if (reply->fail_text && *reply->fail_text)
		buffer_printf(&text, ": %s", reply->fail_text);
	return buffer_take_text(&text, ret);
}

static int is_rejected(const struct ca_enrollment_record *enrollment,
		       const struct scep_reply *reply, struct trustpoint_reading *ret)
{
	ret->event = is_forgotten(enrollment, reply) ? TRUSTPOINT_EVENT_FORGOTTEN
						     : TRUSTPOINT_EVENT_REJECTED;
	return trustpoint_rejection_tell(reply, &ret->reason);
}

/* The one that was asked for: others in the answer are its CA's. */
static int find_certificate(const struct ca_enrollment_record *enrollment,
			    const struct scep_ca_answer *answer, struct trustpoint_reading *ret)
{
	for (size_t i = 0; i < answer->n; i++) {
		struct x509_certificate certificate;

		if (x509_certificate_read(answer->certificates[i], &certificate) < 0 ||
		    !span_equal(certificate.key.spki, span_of(enrollment->key.spki)))
			continue;
		ret->event = TRUSTPOINT_EVENT_GRANTED;
		return bytes_copy(answer->certificates[i], &ret->certificate);
	}
	return is_bad(ret, "the answer has no certificate for the key that was asked for");
}

static int unwrap(struct trustpoint_turn *turn, const struct ca_enrollment_record *enrollment,
		  const struct scep_reply *reply, struct secret *ret, char **ret_reason)
{
	_cleanup_(key_unrefp) struct key *key = NULL;
	const struct ca_key_place *place;
	int r = trustpoint_signer_open(turn, enrollment, &key, &place, ret_reason);

	if (r)
		return r;
	r = key_unwrap(key, reply->encrypted_key, cipher_key_size(reply->cipher), ret);
	r = r == KEY_LATER ? FLOW_LATER : r == KEY_REFUSED ? -EKEYREJECTED : r;
	return trustpoint_key_explain(place, r, ret_reason);
}

static int read_granted(struct trustpoint_turn *turn, const struct ca_enrollment_record *enrollment,
			const struct scep_reply *reply, struct trustpoint_reading *ret,
			char **ret_reason)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	_cleanup_(secret_done) struct secret content_key = {};
	enum scep_fault fault = SCEP_FAULT_NONE;
	struct span crl;
	int r;

	r = unwrap(turn, enrollment, reply, &content_key, ret_reason);
	if (!r)
		r = scep_reply_read(reply, span_of_secret(content_key), &answer, &crl, &fault);
	if (r)
		return r;
	return fault ? is_bad(ret, scep_fault_text(fault))
		     : find_certificate(enrollment, &answer, ret);
}

int trustpoint_read_answer(struct trustpoint_turn *turn,
			   const struct ca_enrollment_record *enrollment, struct span body,
			   struct span nonce, struct trustpoint_reading *ret, char **ret_reason)
{
	_cleanup_(scep_reply_done) struct scep_reply reply = {};
	struct span signers[TRUSTPOINT_SIGNERS_MOST];
	struct x509_certificate recipient;
	const struct scep_expectation expected = {
		.transaction_id = span_of(enrollment->transaction_id),
		.sender_nonce = nonce,
		.signers = signers,
		.n_signers = trustpoint_signers(turn, enrollment, signers),
		.recipient = &recipient,
	};
	enum scep_fault fault = SCEP_FAULT_NONE;
	int r = x509_certificate_read(span_of(enrollment->signer), &recipient);

	if (!r)
		r = scep_reply_open(body, &expected, &reply, &fault);
	if (r < 0)
		return r;
	if (fault)
		return is_bad(ret, scep_fault_text(fault));
	if (reply.status == SCEP_FAILURE)
		return is_rejected(enrollment, &reply, ret);
	ret->event = TRUSTPOINT_EVENT_WAITS;
	return reply.status == SCEP_PENDING
		       ? 0
		       : read_granted(turn, enrollment, &reply, ret, ret_reason);
}
