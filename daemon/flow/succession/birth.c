/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/birth.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/flow/signing.h"
#include "daemon/x509/build.h"
#include "policy/charter.h"
#include <string.h>

void birth_done(struct birth *birth)
{
	token_key_done(&birth->token_key);
	key_unref(birth->key);
	ca_generation_record_done(&birth->generation);
	ca_certificate_record_done(&birth->certificate);
}

/* Whether a generation or exchange of this server has this key already, one that is gone too. */
static bool is_in_use(const struct generations *generations, struct span spki)
{
	for (size_t i = 0; i < generations->n; i++)
		if (span_equal(span_of(generations->records[i].spki), spki))
			return true;
	for (size_t i = 0; i < generations->n_exchanges; i++)
		if (span_equal(span_of(generations->exchange_records[i].key.spki), spki))
			return true;
	return false;
}

static uint8_t role_of(const struct birth_order *order)
{
	return order->role ? order->role : CHARTER_CA;
}

static bool is_left_over(const struct birth_order *order, const struct token_key *key)
{
	return key->role == role_of(order) && key->present && !strcmp(key->label, order->label) &&
	       span_equal(span_of(key->issuer), order->name) &&
	       !is_in_use(order->generations, span_of(key->spki));
}

int birth_find_left_over(const struct birth_order *order, struct token_key *ret)
{
	struct token_link *token = flow_find_token(order->flow, order->token);

	for (unsigned position = 0; token; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r == TOKEN_LINK_NO_KEY)
			return FLOW_REFUSED;
		if (r)
			return r == TOKEN_LINK_LATER ? FLOW_LATER : r < 0 ? r : -EKEYREJECTED;
		if (is_left_over(order, &key)) {
			*ret = TAKE_STRUCT(key);
			return 0;
		}
	}
	return FLOW_LATER;
}

static int make(const struct birth_order *order, struct token_link *token, struct token_key *ret,
		char **ret_reason)
{
	struct token_order wanted = {
		.role = role_of(order),
		.issuer = order->name,
		.bits = order->bits,
		.label = order->label,
	};
	const char *server = order->authority->conf->label;
	int r;

	log_notice(LOG_FIELDS(log_event(LOG_EVENT_KEY_MISSING), log_text("SERVER", server),
			      log_text("KEY", order->label), log_text("TOKEN", order->token),
			      log_number("BITS", order->bits)),
		   "key '%s' does not exist; generated automatically on the token", order->label);
	r = token_link_make(token, &wanted, ret, ret_reason);
	if (!r)
		log_notice(LOG_FIELDS(log_event(LOG_EVENT_KEY_GENERATED),
				      log_text("SERVER", server), log_text("KEY", order->label),
				      log_text("TOKEN", order->token)),
			   "key '%s' generated", order->label);
	return r == TOKEN_LINK_LATER ? FLOW_LATER : r > 0 ? FLOW_REFUSED : r;
}

static int copy_key(const struct token_facts *token, const char *token_name, struct birth *birth)
{
	struct ca_generation_record *generation = &birth->generation;
	int r;

	r = text_format(&generation->token, "%s", token_name);
	if (r >= 0)
		r = text_format(&generation->token_serial, "%s", token->serial);
	if (r >= 0)
		r = bytes_copy(span_of(birth->token_key.id), &generation->key_id);
	return r < 0 ? r : bytes_copy(span_of(birth->token_key.spki), &generation->spki);
}

static int look_at_token(const char *name, struct token_link *token, struct token_facts *ret,
			 char **ret_reason)
{
	const char *why = "its process does not answer";
	int r = token ? token_link_status(token, ret) : TOKEN_LINK_LATER;

	if (r < 0 || (!r && ret->state == TOKEN_READY))
		return r;
	if (!token)
		why = "the configuration has no [Token] section for it";
	else if (!r)
		why = ret->reason;
	r = text_format(ret_reason, "token %s is not ready: %s", name, why);
	return r < 0 ? r : FLOW_LATER;
}

int birth_make_key(const struct birth_order *order, struct birth *birth, char **ret_reason)
{
	struct token_link *token = flow_find_token(order->flow, order->token);
	struct token_facts facts;
	int r = look_at_token(order->token, token, &facts, ret_reason);

	if (r)
		return r;
	r = birth_find_left_over(order, &birth->token_key);
	if (r == FLOW_REFUSED)
		r = make(order, token, &birth->token_key, ret_reason);
	if (!r)
		r = key_new_token(token, span_of(birth->token_key.spki), &birth->key);
	return r ? r : copy_key(&facts, order->token, birth);
}

int birth_take_key(const struct birth_order *order, const struct ca_generation_record *generation,
		   struct birth *birth)
{
	struct token_link *token = flow_find_token(order->flow, generation->token);
	int r;

	if (!token)
		return -ENOENT;
	birth->generation.id = generation->id;
	r = key_new_token(token, span_of(generation->spki), &birth->key);
	return r < 0 ? r : bytes_copy(span_of(generation->spki), &birth->generation.spki);
}

int birth_plan(const struct birth_order *order, uint64_t counter, struct span serial,
	       struct birth *birth)
{
	struct ca_generation_record *generation = &birth->generation;
	struct ca_certificate_record *certificate = &birth->certificate;
	int r;

	generation->number = order->number;
	generation->counter = certificate->counter = counter;
	generation->not_before_s = certificate->not_before_s = order->not_before_s;
	generation->not_after_s = certificate->not_after_s = order->not_after_s;
	generation->takes_over_s = order->not_before_s;
	certificate->class = GRANT_CLASS_SUBORDINATE;
	sha256(span_of(generation->spki), generation->key_sha256);
	memcpy(certificate->key_sha256, generation->key_sha256, SHA256_SIZE);
	r = bytes_copy(serial, &generation->serial);
	if (r >= 0)
		r = bytes_copy(serial, &certificate->serial);
	if (r >= 0)
		r = bytes_copy(order->name, &generation->issuer);
	return r < 0 ? r : bytes_copy(order->name, &certificate->subject);
}

int birth_sign(const struct birth_order *order, struct birth *birth)
{
	enum digest digest = order->authority->conf->hash;
	struct x509_ca_certificate values = {
		.serial = span_of(birth->certificate.serial),
		.name = order->name,
		.not_before_s = order->not_before_s,
		.not_after_s = order->not_after_s,
		.spki = span_of(birth->generation.spki),
		.key_usage = order->key_usage,
		.digest = digest,
	};
	_cleanup_(bytes_done) struct bytes to_be_signed = {};
	int r;

	r = x509_build_ca_certificate(&values, &to_be_signed);
	if (r < 0)
		return r;
	r = flow_sign_whole(order->flow, birth->key, digest, span_of(to_be_signed),
			    &birth->generation.certificate);
	return r ? r
		 : bytes_copy(span_of(birth->generation.certificate),
			      &birth->certificate.certificate);
}
