/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/enroll/facts.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/peer-bucket.h"
#include "daemon/x509/alt-name.h"
#include "daemon/x509/name.h"
#include "daemon/x509/path-room.h"
#include "policy/password.h"

void transaction_facts_done(struct transaction_facts *facts)
{
	ca_request_record_done(&facts->request);
	ca_certificate_record_done(&facts->certificate);
}

static void describe_certificate(const struct ca_certificate_record *certificate,
				 const struct transaction_question *question,
				 struct ca_transaction_facts *ret)
{
	ret->certificate_revoked = certificate->revoked_s != 0;
	ret->certificate_in_force =
		question->now_s <= certificate->not_after_s && !certificate->revoked_s;
	ret->certificate_of_another = certificate->generation_id != question->issuer->record->id;
}

static bool is_answered(const struct ca_request_record *request, struct span nonce)
{
	return span_equal(span_of(request->sender_nonce), nonce) ||
	       span_equal(span_of(request->answered_nonce), nonce);
}

int facts_look_up(struct flow *flow, const struct conf_server *conf,
		  const struct transaction_question *question, struct transaction_facts *ret)
{
	struct ca_request_record *request = &ret->request;
	int r;

	r = store_request_find(flow->store, conf->label, &question->where, request);
	if (r)
		return r < 0 ? r : 0;
	ret->facts = (struct ca_transaction_facts){
		.signer_revoked = ret->facts.signer_revoked,
		.found = true,
		.state = request->state,
		.same_csr = span_equal(span_of(request->csr), question->csr),
		.same_nonce = is_answered(request, question->nonce),
		.expires_s = request->expires_s,
		.issued_s = request->updated_s, /* of a granted one never changed again */
		.request_lifetime_s = conf->request_lifetime_s,
	};
	if (!request->certificate_id)
		return 0;
	r = store_certificate_load(flow->store, request->certificate_id, &ret->certificate);
	if (r)
		return r < 0 ? r : -EUCLEAN;
	describe_certificate(&ret->certificate, question, &ret->facts);
	return 0;
}

int facts_of_transaction(const struct scep_turn *turn, const struct signer_facts *signer,
			 struct transaction_facts *ret)
{
	const struct transaction_question question = {
		.where = {.transaction_id = turn->request->transaction_id,
			  .requester = SPAN_ARRAY(signer->requester),
			  .range = generations_requests(turn->generations, turn->addressed,
							turn->now_s)},
		.csr = turn->content->request.whole,
		.nonce = turn->request->sender_nonce,
		.issuer = turn->addressed,
		.now_s = turn->now_s,
	};

	ret->facts.signer_revoked = signer->certificate.revoked_s != 0;
	return facts_look_up(turn->flow, turn->authority->conf, &question, ret);
}

static int challenge_standing(const struct scep_turn *turn, enum grant_challenge *ret,
			      int64_t *ret_password_id)
{
	_cleanup_(ca_password_record_done) struct ca_password_record password = {};
	const struct x509_request *request = &turn->content->request;
	struct password_record record;
	uint8_t mac[SHA256_SIZE];
	int r;

	*ret_password_id = 0;
	*ret = GRANT_CHALLENGE_UNMATCHED;
	if (!guesses_are_heard(turn->flow->guesses, peer_bucket(turn->peer), turn->now_s))
		return 0;
	password_mac(store_password_key(turn->flow->store), request->challenge, mac);
	r = store_password_find(turn->flow->store, turn->authority->conf->label, SPAN_ARRAY(mac),
				&password);
	if (r < 0)
		return r;
	record = (struct password_record){
		.found = password.id != 0,
		.used = password.used_s != 0,
		.superseded = password.superseded,
		.expires_s = password.expires_s,
		.for_subject = password.subject.size != 0,
		.subject_matches = x509_name_equal(span_of(password.subject), request->subject),
	};
	*ret = password_standing(request->has_challenge, !request->challenge.size, &record,
				 turn->now_s);
	*ret_password_id = *ret == GRANT_CHALLENGE_LIVE ? password.id : 0;
	return 0;
}

/* Whether every name the request asks for stands in the certificate it renews. */
static bool names_are_within(const struct x509_request *request, const struct x509_certificate *old)
{
	const struct x509_extension *asked =
		x509_extension_find(&request->extensions, OID_SUBJECT_ALT_NAME);
	const struct x509_extension *held =
		x509_extension_find(&old->extensions, OID_SUBJECT_ALT_NAME);

	if (!asked)
		return true;
	return held && x509_alt_names_within(asked->value, held->value);
}

/* A router spells its name anew; what a person let in as an RA or a CA was let in by its name. */
static bool is_same_identity(enum grant_class class, struct span asked, struct span held)
{
	return x509_name_equal(asked, held) ||
	       (class == GRANT_CLASS_ROUTER && x509_name_same_identity(asked, held));
}

static void describe_signer(const struct scep_turn *turn, const struct signer_facts *signer,
			    struct grant_signer *ret)
{
	const struct ca_certificate_record *record = &signer->certificate;
	const struct x509_certificate *old = &turn->request->signer;
	const struct x509_request *request = &turn->content->request;

	if (!signer->ours)
		return;
	*ret = (struct grant_signer){
		.ours = true,
		.revoked = record->revoked_s != 0,
		.in_force =
			record->not_before_s <= turn->now_s && turn->now_s <= record->not_after_s,
		.same_identity = is_same_identity(record->class, request->subject, old->subject),
		.names_within = names_are_within(request, old),
		.same_key = span_equal(request->key.spki, old->key.spki),
		.class = record->class,
	};
	/* What another RA passes on here it may send to the CA itself: of two that ask each other
	 * there would be no end. */
	if (conf_server_is_ra(turn->authority->conf) && record->class == GRANT_CLASS_RA &&
	    !grant_is_renewal(&(struct grant_facts){.signer = *ret, .class = GRANT_CLASS_RA}))
		*ret = (struct grant_signer){};
}

/* GrantRollover= as policy has it. */
static unsigned rollover_classes(const struct conf_server *conf)
{
	static const unsigned classes[] = {
		[CONF_GRANT_ROLLOVER_CA_CERT] = 1U << GRANT_CLASS_SUBORDINATE,
		[CONF_GRANT_ROLLOVER_RA_CERT] = 1U << GRANT_CLASS_RA,
	};
	unsigned set = 0;

	for (unsigned i = 0; i < ELEMENTS(classes); i++)
		if (conf->grant_rollover & CONF_BIT(i))
			set |= classes[i];
	return set;
}

int facts_of_key(struct flow *flow, const struct conf_server *conf,
		 const struct x509_request *request, int64_t now_s, struct grant_facts *ret)
{
	static const enum grant_mode modes[] = {
		[CONF_GRANT_MANUAL] = GRANT_MANUAL,
		[CONF_GRANT_AUTO] = GRANT_AUTO,
		[CONF_GRANT_RA_AUTO] = GRANT_RA_AUTO,
		[CONF_GRANT_NONE] = GRANT_NONE,
	};
	struct store_key_history history;
	uint8_t key[SHA256_SIZE];
	const struct store_key_question question = {.key_sha256 = SPAN_ARRAY(key),
						    .subject = request->subject,
						    .same_name = x509_name_equal,
						    .now_s = now_s};
	int r;

	x509_key_sha256(&request->key, key);
	r = store_key_history(flow->store, conf->label, &question, &history);
	if (r < 0)
		return r;
	*ret = (struct grant_facts){
		.mode = modes[conf->grant],
		.renewal_auto = conf->grant_renewal == CONF_GRANT_RENEWAL_AUTO,
		.password_required = conf->password_required,
		.rollover_auto = rollover_classes(conf),
		.issue_subordinates = conf->issue_subordinates,
		.class = facts_of_class(request),
		.key_compromised = history.compromised,
		.key_shared = history.certified_for_another,
		.unique_keys = conf->unique_keys,
	};
	return 0;
}

int facts_of_issuer(const struct generation *issuer, struct grant_facts *facts)
{
	int64_t room;
	int r;

	if (!issuer)
		return 0;
	r = x509_path_room(&issuer->certificate, span_of(issuer->record->superiors), &room);
	if (r < 0)
		return r;
	facts->room_below = room != 0;
	return 0;
}

int facts_for_grant(const struct scep_turn *turn, const struct signer_facts *signer,
		    struct grant_facts *ret, int64_t *ret_password_id)
{
	int r;

	r = facts_of_key(turn->flow, turn->authority->conf, &turn->content->request, turn->now_s,
			 ret);
	if (r >= 0)
		r = facts_of_issuer(turn->addressed, ret);
	if (r < 0)
		return r;
	describe_signer(turn, signer, &ret->signer);
	return challenge_standing(turn, &ret->challenge, ret_password_id);
}
