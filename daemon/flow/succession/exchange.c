/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/exchange.h"
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/lifetime.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/allowance.h"
#include "daemon/flow/exchange-name.h"
#include "daemon/flow/key-presence.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/signing.h"
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/flow/succession/birth.h"
#include "daemon/flow/succession/succession.h"
#include "daemon/x509/build.h"
#include "daemon/x509/lint.h"
#include "policy/charter.h"
#include "policy/profile.h"
#include <string.h>

#define LEAST_BITS 2048

/* One on its way: the records that are committed together. */
struct making {
	struct birth birth; /* its key */
	struct ca_exchange_record exchange;
	struct ca_certificate_record certificate;
	char *label;
};

static void making_done(struct making *making)
{
	birth_done(&making->birth);
	ca_exchange_record_done(&making->exchange);
	ca_certificate_record_done(&making->certificate);
	freep(&making->label);
}

/* The first is called so at once; the next wait for that label. */
static int make_label(const struct succession *s, struct making *making)
{
	const struct generations *all = s->generations;
	bool is_first = true;

	for (size_t i = 0; i < all->n_exchanges; i++)
		if (!all->exchange_records[i].destroyed_s)
			is_first = false;
	making->exchange.relabelled_s = is_first ? s->now_s : 0;
	return text_format(&making->label, "%s-exchange%s",
			   conf_server_key_label(s->authority->conf), is_first ? "" : "#");
}

/* As strong as the CA's key, where its token can. */
static unsigned key_bits(const struct succession *s, const char *name)
{
	unsigned bits = (unsigned)s->generation->certificate.key.modulus.size * 8;
	struct token_link *token = flow_find_token(s->flow, name);
	struct token_facts facts;

	if (token && !token_link_status(token, &facts) && facts.state == TOKEN_READY &&
	    facts.most_bits && facts.most_bits < bits)
		bits = facts.most_bits;
	return bits < LEAST_BITS ? LEAST_BITS : bits;
}

static int make_key(const struct succession *s, struct making *making, char **ret_reason)
{
	const char *token = conf_server_exchange_token(s->authority->conf);
	const struct birth_order order = {
		.flow = s->flow,
		.authority = s->authority,
		.generations = s->generations,
		.token = token,
		.label = making->label,
		.bits = key_bits(s, token),
		.name = s->generation->certificate.subject,
		.role = CHARTER_EXCHANGE,
	};
	struct ca_generation_record *made = &making->birth.generation;
	struct ca_key_place *place = &making->exchange.key;
	int r = birth_make_key(&order, &making->birth, ret_reason);

	if (r)
		return r;
	place->token = TAKE_PTR(made->token);
	place->token_serial = TAKE_PTR(made->token_serial);
	place->spki = TAKE_STRUCT(made->spki);
	sha256(span_of(place->spki), place->key_sha256);
	return text_format(&place->label, "%s", making->label);
}

/* Its serial, name and life. */
static int plan(const struct succession *s, struct making *making)
{
	const struct ca_generation_record *generation = s->generation->record;
	const struct ca_exchange_life life = ca_exchange_life(
		generation, conf_certificate_lifetime_s(s->authority->conf), s->now_s);
	struct ca_exchange_record *exchange = &making->exchange;
	struct ca_certificate_record *certificate = &making->certificate;
	uint8_t serial[20];
	size_t size;
	int r = authority_take_serial(s->flow, s->authority, &certificate->counter, serial, &size);

	if (r < 0)
		return r;
	exchange->generation_id = certificate->generation_id = generation->id;
	exchange->not_before_s = certificate->not_before_s = life.not_before_s;
	exchange->not_after_s = certificate->not_after_s = life.not_after_s;
	exchange->takes_over_s = life.not_before_s;
	certificate->class = GRANT_CLASS_ROUTER; /* it authorises nobody */
	memcpy(certificate->key_sha256, exchange->key.key_sha256, SHA256_SIZE);
	r = bytes_copy(SPAN(serial, size), &certificate->serial);
	return r < 0 ? r : exchange_name(s->generation->certificate.subject, &certificate->subject);
}

/* As with a client's: what is signed is what was meant. */
static int lint(const struct succession *s, const struct making *making, struct span to_be_signed)
{
	struct x509_request asked = {.subject = span_of(making->certificate.subject)};
	const struct x509_lint_facts facts = {
		.to_be_signed = to_be_signed,
		.request = &asked,
		.issuer = &s->generation->certificate,
		.least_bits = allowance_least_bits(s->authority->conf),
	};
	struct x509_complaint complaint;

	asked.key.spki = span_of(making->exchange.key.spki);
	complaint = x509_lint_client(&facts);
	if (!complaint.rule)
		return 0;
	log_error(LOG_FIELDS(log_text("SERVER", s->authority->conf->label),
			     log_text("KEY", making->label), log_text("RULE", complaint.rule)),
		  "an exchange certificate was not signed: %s", complaint.reason);
	return -EBADMSG;
}

/* By the key of its generation, which a shadow's signs with, too. */
static int sign(const struct succession *s, struct making *making)
{
	static const struct x509_extensions none;
	const struct x509_certificate *ca = &s->generation->certificate;
	enum digest digest = s->authority->conf->hash;
	uint8_t issuer_key[20];
	const struct x509_client_certificate values = {
		.serial = span_of(making->certificate.serial),
		.issuer = ca->subject,
		.subject = span_of(making->certificate.subject),
		.not_before_s = making->certificate.not_before_s,
		.not_after_s = making->certificate.not_after_s,
		.spki = span_of(making->exchange.key.spki),
		.requested = &none,
		.add_key_usage = PROFILE_ROUTER_KEY_USAGE,
		.authority_key_identifier = x509_certificate_identifier(ca, issuer_key),
		.digest = digest,
	};
	_cleanup_(bytes_done) struct bytes to_be_signed = {};
	int r = x509_build_client_certificate(&values, &to_be_signed);

	if (r >= 0)
		r = lint(s, making, span_of(to_be_signed));
	if (r < 0)
		return r;
	if (!s->generation->key)
		return FLOW_LATER;
	r = flow_sign_whole(s->flow, s->generation->key, digest, span_of(to_be_signed),
			    &making->certificate.certificate);
	return r ? r
		 : bytes_copy(span_of(making->certificate.certificate),
			      &making->exchange.certificate);
}

int exchange_describe(const struct generations *generations,
		      const struct ca_exchange_record *record, char **ret)
{
	unsigned number = 0;

	for (size_t i = 0; i < generations->n; i++)
		if (generations->records[i].id == record->generation_id)
			number = generations->records[i].number;
	return text_format(ret, "%s on token %s, of generation %u", record->key.label,
			   record->key.token, number);
}

/* What gave its generation out ahead did not have it: that is made anew, too. */
static int save(struct succession *s, struct making *making)
{
	_cleanup_(freep) char *note = NULL;
	struct store_change change = {.exchange = &making->exchange,
				      .certificate = &making->certificate};
	int r = exchange_describe(s->generations, &making->exchange, &note);

	if (s->generation->record->available_s && !s->generation->record->changed_over_s)
		change.generation_step = STORE_GENERATION_WITHDRAWN;
	return r < 0 ? r : succession_commit(s, &change, AUDIT_EXCHANGE_MAKE, note);
}

static int make(struct succession *s, char **ret_reason)
{
	_cleanup_(making_done) struct making making = {};
	int r = make_label(s, &making);

	if (r >= 0)
		r = make_key(s, &making, ret_reason);
	if (r)
		return r;
	crash_here(CRASH_EXCHANGE_KEY);
	r = plan(s, &making);
	if (!r)
		r = sign(s, &making);
	crash_here(CRASH_EXCHANGE_SIGNED);
	if (!r)
		r = save(s, &making);
	if (r)
		return r;
	crash_here(CRASH_EXCHANGE_SAVED);
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_EXCHANGE_MADE),
			      log_text("SERVER", s->authority->conf->label),
			      log_text("KEY", making.exchange.key.label),
			      log_text("TOKEN", making.exchange.key.token)),
		   "a new exchange key was made");
	return 0;
}

static bool is_lost(const struct succession *s, const struct ca_exchange_record *record)
{
	bool lost =
		record && flow_key_is_gone(s->flow, record->key.token, span_of(record->key.spki));

	if (lost)
		log_error(LOG_FIELDS(log_event(LOG_EVENT_EXCHANGE_LOST),
				     log_text("SERVER", s->authority->conf->label),
				     log_text("KEY", record->key.label),
				     log_text("TOKEN", record->key.token)),
			  "the exchange key is not on its token any more: another is made");
	return lost;
}

/* Under the claim: it may have been made meanwhile. */
static bool is_due(const struct succession *s)
{
	const struct exchange *speaker =
		generations_exchange(s->generations, s->authority->conf, s->generation, s->now_s);
	int64_t when_s;

	return ca_exchange_renewal(
		       is_lost(s, speaker->record) ? NULL : speaker->record, s->generation->record,
		       conf_server_exchange_token(s->authority->conf), s->now_s, &when_s) &&
	       when_s <= s->now_s;
}

int flow_make_exchange(struct flow *flow, struct authority *authority, unsigned number,
		       int64_t now_s)
{
	_cleanup_(succession_done) struct succession s = {
		.flow = flow, .authority = authority, .now_s = now_s};
	_cleanup_(freep) char *reason = NULL;
	int r = conf_server_has_exchange(authority->conf) ? succession_begin(&s, number)
							  : FLOW_REFUSED;

	if (r || !is_due(&s))
		return r;
	r = make(&s, &reason);
	succession_note_failure(authority, r, reason);
	if (r)
		return r;
	r = flow_publish(flow, authority, now_s);
	crash_here(CRASH_EXCHANGE_PUBLISHED);
	return r;
}
