/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/forward-message.h"
#include "daemon/ca/exchange.h"
#include "daemon/flow/signing.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/message.h"
#include "daemon/trustpoint/ca.h"
#include <stdio.h>
#include <string.h>

/* Who signs a message to whom, under which transaction. */
struct writing {
	const struct ca_exchange_record *signer;
	struct span transaction_id;
};

/* What was accepted with the CA's certificate, which may be another that messages go to. */
static struct span find_recipient(const struct forward_turn *turn)
{
	const struct ca_trustpoint_state *state = &turn->trustpoint.state;
	struct span certificate = turn->issuer->certificate.whole;

	for (size_t i = 0; i < state->n_anchors; i++) {
		const struct ca_anchor_record *anchor = &state->anchors[i];
		int64_t at_s = turn->trustpoint.now_s;
		struct trustpoint_ca ca = {};

		if (!span_equal(span_of(anchor->certificate), certificate))
			continue;
		trustpoint_ca_recall(
			anchor, anchor->takes_over_s > at_s ? anchor->takes_over_s : at_s, &ca);
		return trustpoint_ca_recipient(&ca);
	}
	return certificate;
}

static int seal(struct forward_turn *turn, const struct writing *writing,
		const struct scep_draft *draft, struct bytes *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes signature = {};
	_cleanup_(key_unrefp) struct key *key = NULL;
	const struct ca_key_place *place = &writing->signer->key;
	int r = trustpoint_key_open(&turn->trustpoint, place, &key, ret_reason);

	if (r)
		return r;
	r = flow_sign(turn->trustpoint.flow, key, draft->digest, span_of(draft->to_be_signed),
		      &signature);
	r = trustpoint_key_explain(place, r, ret_reason);
	return r ? r : scep_answer_seal(draft, span_of(signature), ret);
}

static int write_message(struct forward_turn *turn, const struct writing *writing,
			 struct scep_question question, struct bytes *ret, char **ret_reason)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {};
	int r;

	question.transaction_id = writing->transaction_id;
	question.signer = span_of(writing->signer->certificate);
	question.recipient = find_recipient(turn);
	r = trustpoint_message_draft(&turn->trustpoint, question, &draft, ret_reason);
	return r ? r : seal(turn, writing, &draft, ret, ret_reason);
}

/* One of its own for each message: the CA's transactions are not the client's. */
static void name_transaction(char ret[static SCEP_TRANSACTION_ID_SIZE + 1])
{
	uint8_t random[SCEP_TRANSACTION_ID_SIZE / 2];

	random_fill(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(ret + 2 * i, 3, "%02X", random[i]);
}

/* Who speaks for the RA now, whichever CA certificate is asked for: the next one's is not yet in
 * force. */
static const struct ca_exchange_record *find_speaker(const struct forward_turn *turn)
{
	int64_t now_s = turn->trustpoint.now_s;
	const struct generation *active = generations_active(turn->generations, now_s);
	const struct ca_exchange_record *speaker =
		active ? ca_exchange_speaker(turn->exchanges, turn->n_exchanges, active->record,
					     now_s)
		       : NULL;

	return speaker && now_s >= speaker->not_before_s && now_s <= speaker->not_after_s ? speaker
											  : NULL;
}

static int keep(struct forward_turn *turn, const struct writing *writing, struct span nonce)
{
	struct ca_forward_record *record = &turn->record;
	int r;

	record->exchange_id = writing->signer->id;
	record->generation_id = turn->issuer->record->id;
	bytes_done(&record->transaction_id);
	bytes_done(&record->sender_nonce);
	r = bytes_copy(writing->transaction_id, &record->transaction_id);
	return r < 0 ? r : bytes_copy(nonce, &record->sender_nonce);
}

int forward_message_make(struct forward_turn *turn, char **ret_reason)
{
	char transaction[SCEP_TRANSACTION_ID_SIZE + 1];
	uint8_t nonce[FORWARD_NONCE_SIZE];
	const struct writing writing = {
		.signer = find_speaker(turn),
		.transaction_id = SPAN(transaction, SCEP_TRANSACTION_ID_SIZE),
	};
	const struct scep_question question = {
		.type = SCEP_PKCS_REQ,
		.sender_nonce = SPAN_ARRAY(nonce),
		.request = span_of(turn->request.csr),
	};
	int r;

	if (!writing.signer)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "no RA certificate is in force: claviger trustpoint show "
					 "%s",
					 turn->trustpoint.conf->name);
	name_transaction(transaction);
	random_fill(nonce, sizeof(nonce));
	bytes_done(&turn->record.message);
	r = write_message(turn, &writing, question, &turn->record.message, ret_reason);
	return r ? r : keep(turn, &writing, SPAN_ARRAY(nonce));
}

int forward_message_poll(struct forward_turn *turn, const uint8_t nonce[static FORWARD_NONCE_SIZE],
			 struct bytes *ret, char **ret_reason)
{
	const struct writing writing = {.signer = forward_signer(turn),
					.transaction_id = span_of(turn->record.transaction_id)};
	const struct scep_question question = {
		.type = SCEP_CERT_POLL,
		.sender_nonce = SPAN(nonce, FORWARD_NONCE_SIZE),
		.issuer = turn->issuer->certificate.subject,
		.subject = span_of(turn->request.subject),
	};

	return write_message(turn, &writing, question, ret, ret_reason);
}
