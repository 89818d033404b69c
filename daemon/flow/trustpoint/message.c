/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/message.h"
#include "daemon/flow/signing.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/trustpoint/ca.h"
#include "daemon/trustpoint/enrollment.h"
#include "daemon/x509/build.h"
#include <stdio.h>
#include <string.h>

#define NONCE_SIZE  16
#define SERIAL_SIZE 8
/* A certificate that a router makes itself serves for one exchange, however long somebody takes to
 * grant it, and between clocks that differ. */
#define SELF_EARLY_S (24 * INT64_C(3600))
#define SELF_LIFE_S  (3650 * 24 * INT64_C(3600))

static int make_self_signed(struct trustpoint_turn *turn, const struct trustpoint_letter *letter,
			    struct bytes *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes to_be_signed = {};
	enum digest digest = turn->conf->hash;
	uint8_t serial[SERIAL_SIZE];
	const struct x509_self_signed values = {
		.serial = SPAN_ARRAY(serial),
		.name = letter->signer_name,
		.not_before_s = turn->now_s - SELF_EARLY_S,
		.not_after_s = turn->now_s + SELF_LIFE_S,
		.spki = span_of(letter->key->place.spki),
		.key_usage = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT,
		.digest = digest,
	};
	int r;

	random_fill(serial, sizeof(serial));
	serial[0] |= 1; /* a number of its full size, and not zero */
	r = x509_build_self_signed(&values, &to_be_signed);
	if (!r)
		r = flow_sign_whole(turn->flow, letter->key->key, digest, span_of(to_be_signed),
				    ret);
	return trustpoint_key_explain(&letter->key->place, r, ret_reason);
}

/* The answer is enveloped to what signs the question: one certificate must do for both. */
static bool can_sign_and_receive(const struct ca_identity_record *identity)
{
	const uint16_t both = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT;
	struct x509_certificate certificate;

	return x509_certificate_read(span_of(identity->certificate), &certificate) == 0 &&
	       (!certificate.extensions.has_key_usage ||
		(certificate.extensions.key_usage & both) == both);
}

int trustpoint_message_find_signer(struct trustpoint_turn *turn,
				   const struct ca_enrollment_record *enrollment, int64_t *ret)
{
	const struct ca_identity_record *active =
		ca_identity_active(&turn->state, enrollment->usage, turn->now_s);
	bool is_there;
	int r;

	*ret = 0;
	if (enrollment->kind == CA_ENROLLMENT_FIRST ||
	    enrollment->kind == CA_ENROLLMENT_EMERGENCY || !active ||
	    !can_sign_and_receive(active) ||
	    trustpoint_enrollment_kind_for(&turn->state, enrollment->usage, turn->now_s) !=
		    CA_ENROLLMENT_RENEWAL)
		return 0;
	r = trustpoint_key_is_there(turn, &active->key, &is_there);
	if (!r && is_there)
		*ret = active->id;
	return r;
}

/* As routers call it, after the key; one that has had a transaction already gets another. */
static int name_transaction(const struct trustpoint_turn *turn, struct ca_enrollment_record *ret)
{
	char text[SCEP_TRANSACTION_ID_SIZE + 1];
	uint8_t random[SCEP_TRANSACTION_ID_SIZE / 2];
	bool is_known = turn->state.record.halt != CA_TRUSTPOINT_GOES_ON;

	for (size_t i = 0; i < turn->state.n_identities; i++)
		is_known |= span_equal(span_of(turn->state.identities[i].key.spki),
				       span_of(ret->key.spki));
	scep_transaction_id(span_of(ret->key.spki), text);
	random_fill(random, sizeof(random));
	for (size_t i = 0; is_known && i < sizeof(random); i++)
		(void)snprintf(text + 2 * i, 3, "%02X", random[i]);
	return bytes_copy(span_of_text(text), &ret->transaction_id);
}

static int choose_signer(struct trustpoint_turn *turn, const struct trustpoint_letter *letter,
			 struct ca_enrollment_record *ret, char **ret_reason)
{
	const struct ca_identity_record *identity = ca_identity_find(&turn->state, ret->signer_id);

	if (identity)
		return bytes_copy(span_of(identity->certificate), &ret->signer);
	if (ret->kind == CA_ENROLLMENT_RENEWAL)
		ret->kind = CA_ENROLLMENT_FIRST;
	return make_self_signed(turn, letter, &ret->signer, ret_reason);
}

static int seal(struct trustpoint_turn *turn, const struct ca_enrollment_record *enrollment,
		const struct scep_draft *draft, struct bytes *ret, char **ret_reason)
{
	_cleanup_(bytes_done) struct bytes signature = {};
	_cleanup_(key_unrefp) struct key *key = NULL;
	const struct ca_key_place *place;
	int r = trustpoint_signer_open(turn, enrollment, &key, &place, ret_reason);

	if (r)
		return r;
	r = flow_sign(turn->flow, key, draft->digest, span_of(draft->to_be_signed), &signature);
	r = trustpoint_key_explain(place, r, ret_reason);
	return r ? r : scep_answer_seal(draft, span_of(signature), ret);
}

int trustpoint_message_draft(const struct trustpoint_turn *turn, struct scep_question question,
			     struct scep_draft *ret, char **ret_reason)
{
	_cleanup_(secret_done) struct secret content_key = {};
	uint8_t iv[16];
	int r;

	question.algorithms =
		scep_capabilities_choose(turn->state.record.capabilities, turn->conf->hash);
	r = secret_new(cipher_key_size(question.algorithms.cipher), &content_key);
	if (r < 0)
		return r;
	random_fill(content_key.data, content_key.size);
	random_fill(iv, sizeof(iv));
	question.content_key = span_of_secret(content_key);
	question.iv = SPAN(iv, cipher_block_size(question.algorithms.cipher));
	r = scep_question_build(&question, ret);
	return r == -EINVAL
		       ? trustpoint_refuse(ret_reason, FLOW_REFUSED,
					   "the CA's certificate has no key that a request can be "
					   "enveloped to")
		       : r;
}

/* Fills in what an enrolment's messages have, and has it signed. */
static int write_message(struct trustpoint_turn *turn,
			 const struct ca_enrollment_record *enrollment,
			 const struct ca_anchor_record *anchor, struct scep_question question,
			 struct bytes *ret, char **ret_reason)
{
	_cleanup_(scep_draft_done) struct scep_draft draft = {};
	struct trustpoint_ca ca = {};
	int r;

	question.transaction_id = span_of(enrollment->transaction_id);
	question.signer = span_of(enrollment->signer);
	trustpoint_ca_recall(
		anchor, anchor->takes_over_s > turn->now_s ? anchor->takes_over_s : turn->now_s,
		&ca);
	question.recipient = trustpoint_ca_recipient(&ca);
	r = trustpoint_message_draft(turn, question, &draft, ret_reason);
	return r ? r : seal(turn, enrollment, &draft, ret, ret_reason);
}

static enum scep_message_type type_of(const struct trustpoint_turn *turn,
				      const struct ca_enrollment_record *enrollment)
{
	const unsigned modern = SCEP_CAN_STANDARD | SCEP_CAN_RENEWAL;

	return enrollment->signer_id && (turn->state.record.capabilities & modern) == modern
		       ? SCEP_RENEWAL_REQ
		       : SCEP_PKCS_REQ;
}

int trustpoint_message_make(struct trustpoint_turn *turn, const struct trustpoint_letter *letter,
			    struct ca_enrollment_record *ret, char **ret_reason)
{
	uint8_t nonce[NONCE_SIZE];
	struct scep_question question = {.request = letter->request};
	int r;

	random_fill(nonce, sizeof(nonce));
	r = bytes_copy(SPAN_ARRAY(nonce), &ret->sender_nonce);
	if (!r)
		r = name_transaction(turn, ret);
	if (!r)
		r = choose_signer(turn, letter, ret, ret_reason);
	if (r)
		return r;
	question.type = type_of(turn, ret);
	question.sender_nonce = span_of(ret->sender_nonce);
	return write_message(turn, ret, letter->anchor, question, &ret->message, ret_reason);
}

int trustpoint_message_poll(struct trustpoint_turn *turn,
			    const struct ca_enrollment_record *enrollment, struct span nonce,
			    struct bytes *ret, char **ret_reason)
{
	const struct ca_anchor_record *anchor = ca_anchor_find(&turn->state, enrollment->anchor_id);
	struct scep_question question = {.type = SCEP_CERT_POLL,
					 .sender_nonce = nonce,
					 .subject = span_of(enrollment->subject)};
	struct x509_certificate certificate;
	int r;

	if (!anchor)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED, "the CA that asked is gone");
	r = x509_certificate_read(span_of(anchor->certificate), &certificate);
	if (r < 0)
		return r;
	question.issuer = certificate.subject;
	return write_message(turn, enrollment, anchor, question, ret, ret_reason);
}
