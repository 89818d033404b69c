/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/facts.h"
#include "daemon/base/log.h"
#include "daemon/flow/allowance.h"
#include "daemon/x509/alt-name.h"
#include "daemon/x509/name.h"
#include "policy/password.h"
#include <string.h>

#define RA_MARK "ioscs RA" /* what makes a subject an RA's, in CN or OU */

void signer_facts_done(struct signer_facts *facts)
{
	ca_certificate_record_done(&facts->certificate);
}

void transaction_facts_done(struct transaction_facts *facts)
{
	ca_request_record_done(&facts->request);
	ca_certificate_record_done(&facts->certificate);
}

/* Whether one of our generations signed it. */
static bool is_issued_by_us(const struct scep_turn *turn,
			    const struct x509_certificate *certificate)
{
	for (size_t i = 0; i < turn->generations->n; i++) {
		const struct x509_certificate *issuer = &turn->generations->items[i].certificate;

		if (span_equal(certificate->issuer, issuer->subject) &&
		    !x509_verify(&issuer->key, certificate->digest, certificate->to_be_signed,
				 certificate->signature))
			return true;
	}
	return false;
}

int facts_requester(struct span issuer, struct span serial, uint8_t ret[static SHA256_SIZE])
{
	_cleanup_(buffer_done) struct buffer name = {};

	buffer_append(&name, issuer);
	buffer_append_byte(&name, (uint8_t)serial.size);
	buffer_append(&name, serial);
	if (name.error)
		return name.error;
	sha256(span_of_buffer(&name), ret);
	return 0;
}

/* A key of ours signed what our database does not know: it is nobody's, whatever it says. */
static void tell_unknown(const struct scep_turn *turn, const struct x509_certificate *certificate)
{
	char serial[129];

	log_error(LOG_FIELDS(log_text("SERVER", turn->authority->conf->label),
			     log_span("PEER", turn->peer),
			     log_hex("SERIAL", certificate->serial, serial)),
		  "a certificate of this server's key is not in the database");
}

int facts_of_signer(const struct scep_turn *turn, struct signer_facts *ret)
{
	const struct x509_certificate *certificate = &turn->request->signer;
	int r;

	if (!is_issued_by_us(turn, certificate)) {
		x509_key_sha256(&certificate->key, ret->requester);
		return 0;
	}
	r = store_certificate_find(turn->flow->store, turn->authority->conf->label,
				   certificate->serial, &ret->certificate);
	if (r < 0)
		return r;
	if (r == STORE_NOT_FOUND ||
	    !span_equal(span_of(ret->certificate.certificate), certificate->whole)) {
		tell_unknown(turn, certificate);
		signer_facts_done(ret);
		x509_key_sha256(&certificate->key, ret->requester);
		return 0;
	}
	return facts_requester(certificate->issuer, certificate->serial, ret->requester);
}

static void describe_certificate(const struct ca_certificate_record *certificate, int64_t now_s,
				 struct ca_transaction_facts *ret)
{
	ret->certificate_revoked = certificate->revoked_s != 0;
	ret->certificate_in_force = now_s <= certificate->not_after_s && !certificate->revoked_s;
}

static bool is_answered(const struct ca_request_record *request, struct span nonce)
{
	return span_equal(span_of(request->sender_nonce), nonce) ||
	       span_equal(span_of(request->answered_nonce), nonce);
}

int facts_of_transaction(const struct scep_turn *turn, const struct signer_facts *signer,
			 struct transaction_facts *ret)
{
	const struct scep_request *message = turn->request;
	struct ca_request_record *request = &ret->request;
	int r;

	ret->facts.signer_revoked = signer->certificate.revoked_s != 0;
	r = store_request_find(turn->flow->store, turn->authority->conf->label,
			       message->transaction_id, SPAN_ARRAY(signer->requester), request);
	if (r)
		return r < 0 ? r : 0;
	ret->facts = (struct ca_transaction_facts){
		.signer_revoked = ret->facts.signer_revoked,
		.found = true,
		.state = request->state,
		.same_csr = span_equal(span_of(request->csr), turn->content->request.whole),
		.same_nonce = is_answered(request, message->sender_nonce),
		.expires_s = request->expires_s,
		.issued_s = request->updated_s, /* of a granted one never changed again */
		.request_lifetime_s = turn->authority->conf->request_lifetime_s,
	};
	if (!request->certificate_id)
		return 0;
	r = store_certificate_load(turn->flow->store, request->certificate_id, &ret->certificate);
	if (r)
		return r < 0 ? r : -EUCLEAN;
	describe_certificate(&ret->certificate, turn->now_s, &ret->facts);
	return 0;
}

enum grant_class facts_of_class(const struct x509_request *request)
{
	if (request->extensions.ca)
		return GRANT_CLASS_SUBORDINATE;
	return x509_name_mentions(request->subject, RA_MARK) ? GRANT_CLASS_RA : GRANT_CLASS_ROUTER;
}

struct profile_refusal facts_judge_profile(const struct authority *authority,
					   const struct x509_request *request)
{
	const struct x509_extensions *asked = &request->extensions;
	struct profile_extension extensions[X509_EXTENSIONS_MAX];
	struct profile_facts facts = {
		.class = facts_of_class(request),
		.subject_empty = x509_name_is_empty(request->subject),
		.subject_valid = x509_name_is_valid(request->subject),
		.subject_is_the_cas = x509_name_equal(request->subject, span_of(authority->name)),
		.modulus = request->key.modulus,
		.exponent = request->key.exponent,
		.least_bits = allowance_least_bits(authority->conf),
		.extensions = extensions,
		.n_extensions = asked->n,
		.has_basic_constraints = asked->has_basic_constraints,
		.ca = asked->ca,
		.has_key_usage = asked->has_key_usage,
		.key_usage = asked->key_usage,
		.request_bytes = request->whole.size,
		.challenge_bytes = request->challenge.size,
	};

	for (size_t i = 0; i < asked->n; i++)
		extensions[i] = (struct profile_extension){
			.oid = asked->items[i].oid,
			.critical = asked->items[i].critical,
			.value = asked->items[i].value,
		};
	return profile_judge(&facts);
}

static int challenge_standing(const struct scep_turn *turn, enum grant_challenge *ret,
			      int64_t *ret_password_id)
{
	_cleanup_(ca_password_record_done) struct ca_password_record password = {};
	const struct x509_request *request = &turn->content->request;
	struct password_record record;
	uint8_t mac[SHA256_SIZE];
	int r;

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

static void describe_signer(const struct scep_turn *turn, const struct signer_facts *signer,
			    struct grant_signer *ret)
{
	const struct ca_certificate_record *record = &signer->certificate;
	const struct x509_certificate *old = &turn->request->signer;
	const struct x509_request *request = &turn->content->request;

	if (!record->id)
		return;
	*ret = (struct grant_signer){
		.ours = true,
		.revoked = record->revoked_s != 0,
		.in_force =
			record->not_before_s <= turn->now_s && turn->now_s <= record->not_after_s,
		.same_identity = x509_name_equal(request->subject, old->subject) ||
				 x509_name_same_identity(request->subject, old->subject),
		.names_within = names_are_within(request, old),
		.same_key = span_equal(request->key.spki, old->key.spki),
		.class = record->class,
	};
}

int facts_for_grant(const struct scep_turn *turn, const struct signer_facts *signer,
		    struct grant_facts *ret, int64_t *ret_password_id)
{
	static const enum grant_mode modes[] = {
		[CONF_GRANT_MANUAL] = GRANT_MANUAL,
		[CONF_GRANT_AUTO] = GRANT_AUTO,
		[CONF_GRANT_RA_AUTO] = GRANT_RA_AUTO,
		[CONF_GRANT_NONE] = GRANT_NONE,
	};
	const struct conf_server *conf = turn->authority->conf;
	const struct x509_request *request = &turn->content->request;
	struct store_key_history history;
	uint8_t key[SHA256_SIZE];
	int r;

	x509_key_sha256(&request->key, key);
	r = store_key_history(turn->flow->store, conf->label, SPAN_ARRAY(key), request->subject,
			      turn->now_s, &history);
	if (r < 0)
		return r;
	*ret = (struct grant_facts){
		.mode = modes[conf->grant],
		.renewal_auto = conf->grant_renewal == CONF_GRANT_RENEWAL_AUTO,
		.password_required = conf->password_required,
		.class = facts_of_class(request),
		.key_compromised = history.compromised,
		.key_shared = history.certified_for_another,
		.unique_keys = conf->unique_keys,
	};
	describe_signer(turn, signer, &ret->signer);
	return challenge_standing(turn, &ret->challenge, ret_password_id);
}
