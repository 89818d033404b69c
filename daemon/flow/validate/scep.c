/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/validate/scep.h"
#include "daemon/base/text.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/flow/trustpoint/wire.h"
#include "daemon/ipc/keys.h"
#include "daemon/scep/client.h"
#include "daemon/store/trustpoint.h"
#include "daemon/trustpoint/ca.h"

#define NONCE_SIZE	 16
#define TRANSACTION_SIZE 16
#define CONTENT_KEY_MOST 32
#define IV_MOST		 16

/* One question and what its answer is held against. The turn has no claim: nothing is changed, and
 * whoever works on the trustpoint is not waited for. */
struct asking {
	const struct crl_search *search;
	struct trustpoint_turn turn;
	const struct ca_identity_record *identity;
	struct x509_certificate certificate; /* the identity's */
	struct trustpoint_ca ca;
	struct key *key;
	uint8_t nonce[NONCE_SIZE];
	struct bytes transaction; /* hex */
};

static void asking_done(struct asking *asking)
{
	ca_trustpoint_state_done(&asking->turn.state);
	key_unref(asking->key);
	bytes_done(&asking->transaction);
}

static int refuse(const struct asking *asking, char **ret_reason, const char *why)
{
	return trustpoint_refuse(ret_reason, FLOW_REFUSED, "GetCRL of trustpoint %s: %s",
				 asking->turn.conf->name, why);
}

/* The one that is in force; of usage keys the one that signs. */
static const struct ca_identity_record *find_identity(const struct asking *asking)
{
	static const int usages[] = {KEY_USAGE_GENERAL, KEY_USAGE_SIGNATURE};
	const struct ca_identity_record *identity = NULL;

	for (size_t i = 0; i < ELEMENTS(usages) && !identity; i++)
		identity =
			ca_identity_active(&asking->turn.state, usages[i], asking->search->now_s);
	return identity;
}

/* The CA whose certificate is at the end of the path, which may be the one to come. */
static const struct ca_anchor_record *find_anchor(const struct asking *asking)
{
	const struct ca_trustpoint_state *state = &asking->turn.state;

	for (size_t i = 0; i < state->n_anchors; i++)
		if (span_equal(span_of(state->anchors[i].certificate),
			       asking->search->anchor->certificate))
			return &state->anchors[i];
	return NULL;
}

static int prepare(struct asking *asking, char **ret_reason)
{
	const struct ca_anchor_record *anchor;
	uint8_t transaction[TRANSACTION_SIZE];
	struct buffer hex = {};

	if (!trustpoint_is_online(asking->turn.conf))
		return refuse(asking, ret_reason, "it has no URL to ask");
	anchor = find_anchor(asking);
	asking->identity = find_identity(asking);
	if (!anchor || !asking->identity)
		return refuse(asking, ret_reason,
			      "it has no certificate to ask with: claviger trustpoint enroll");
	if (x509_certificate_read(span_of(asking->identity->certificate), &asking->certificate) < 0)
		return -EBADMSG;
	trustpoint_ca_recall(anchor, asking->search->now_s, &asking->ca);
	random_fill(asking->nonce, sizeof(asking->nonce));
	random_fill(transaction, sizeof(transaction));
	text_append_hex(&hex, SPAN_ARRAY(transaction), true);
	return buffer_take(&hex, &asking->transaction);
}

static int load(struct asking *asking, char **ret_reason)
{
	int r = store_trustpoint_load(asking->turn.flow->store, asking->turn.conf->name,
				      &asking->turn.state);

	if (!r)
		r = prepare(asking, ret_reason);
	if (r)
		return r;
	return trustpoint_key_open(&asking->turn, &asking->identity->key, &asking->key, ret_reason);
}

static int draft(const struct asking *asking, struct scep_draft *ret)
{
	const struct x509_path_item *item = &asking->search->path->items[asking->search->at];
	const struct scep_algorithms algorithms = scep_capabilities_choose(
		asking->turn.state.record.capabilities, asking->turn.conf->hash);
	_cleanup_(secret_done) struct secret content_key = {};
	uint8_t iv[IV_MOST];
	struct scep_question question = {
		.type = SCEP_GET_CRL,
		.transaction_id = span_of(asking->transaction),
		.sender_nonce = SPAN_ARRAY(asking->nonce),
		.algorithms = algorithms,
		.signer = span_of(asking->identity->certificate),
		.recipient = trustpoint_ca_recipient(&asking->ca),
		.issuer = span_of(item->issuer),
		.serial = span_of(item->serial),
		.iv = SPAN(iv, cipher_block_size(algorithms.cipher)),
	};
	int r = secret_new(cipher_key_size(algorithms.cipher), &content_key);

	if (r < 0)
		return r;
	random_fill(content_key.data, content_key.size);
	random_fill(iv, sizeof(iv));
	question.content_key = span_of_secret(content_key);
	return scep_question_build(&question, ret);
}

/* What the token came to, as flow has it. */
static int from_key(const struct asking *asking, int r, char **ret_reason)
{
	r = r == KEY_LATER ? FLOW_LATER : r == KEY_REFUSED ? -EKEYREJECTED : r;
	r = trustpoint_key_explain(&asking->identity->key, r, ret_reason);
	return r == FLOW_LATER ? refuse(asking, ret_reason, "the token is away") : r;
}

static int make_message(const struct asking *asking, struct bytes *ret, char **ret_reason)
{
	_cleanup_(scep_draft_done) struct scep_draft made = {};
	_cleanup_(bytes_done) struct bytes signature = {};
	int r = draft(asking, &made);

	if (r < 0)
		return r == -EINVAL
			       ? refuse(asking, ret_reason, "nothing can be enveloped to its CA")
			       : r;
	r = from_key(asking,
		     key_sign(asking->key, made.digest, span_of(made.to_be_signed), (struct span){},
			      &signature),
		     ret_reason);
	return r ? r : scep_answer_seal(&made, span_of(signature), ret);
}

static int take_crl(const struct asking *asking, const struct scep_reply *reply, struct bytes *ret,
		    char **ret_reason)
{
	_cleanup_(scep_ca_answer_done) struct scep_ca_answer answer = {};
	_cleanup_(secret_done) struct secret content_key = {};
	enum scep_fault fault = SCEP_FAULT_NONE;
	struct span crl = {};
	int r = from_key(asking,
			 key_unwrap(asking->key, reply->encrypted_key,
				    cipher_key_size(reply->cipher), &content_key),
			 ret_reason);

	if (!r)
		r = scep_reply_read(reply, span_of_secret(content_key), &answer, &crl, &fault);
	if (r)
		return r;
	if (fault || !crl.size)
		return refuse(asking, ret_reason,
			      fault ? scep_fault_text(fault) : "the answer has no CRL");
	return bytes_copy(crl, ret);
}

static int read_answer(const struct asking *asking, struct span body, struct bytes *ret,
		       char **ret_reason)
{
	_cleanup_(scep_reply_done) struct scep_reply reply = {};
	struct span signers[SCEP_CERTIFICATES_MAX + 1];
	const struct scep_expectation expected = {
		.transaction_id = span_of(asking->transaction),
		.sender_nonce = SPAN_ARRAY(asking->nonce),
		.signers = signers,
		.n_signers = trustpoint_ca_signers(&asking->ca, signers),
		.recipient = &asking->certificate,
	};
	enum scep_fault fault = SCEP_FAULT_NONE;
	int r = scep_reply_open(body, &expected, &reply, &fault);

	if (r < 0)
		return r;
	if (fault)
		return refuse(asking, ret_reason, scep_fault_text(fault));
	if (reply.status != SCEP_SUCCESS)
		return refuse(asking, ret_reason, "the CA has none to give");
	return take_crl(asking, &reply, ret, ret_reason);
}

int validate_scep_crl(const struct crl_search *search, const char *name, struct bytes *ret,
		      char **ret_reason)
{
	_cleanup_(asking_done) struct asking asking = {
		.search = search,
		.turn = {.flow = search->flow,
			 .conf = search->anchor->trustpoint,
			 .now_s = search->now_s},
	};
	_cleanup_(trustpoint_answer_done) struct trustpoint_answer answer = {};
	_cleanup_(bytes_done) struct bytes message = {};
	int r = load(&asking, ret_reason);

	(void)name;
	if (!r)
		r = make_message(&asking, &message, ret_reason);
	if (!r)
		r = trustpoint_ask(&asking.turn, "PKIOperation", span_of(message), &answer,
				   ret_reason);
	return r ? r : read_answer(&asking, span_of(answer.body), ret, ret_reason);
}
