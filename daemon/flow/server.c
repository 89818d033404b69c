/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/crl.h"
#include "daemon/flow/publish.h"
#include "daemon/flow/signing.h"
#include "daemon/x509/build.h"
#include "policy/charter.h"
#include <stdlib.h>
#include <string.h>

#define KEY_BITS_WISHED 3072 /* where the token can and KeySize= is unset */
#define KEY_BITS_LEAST	2048

/* Whether a generation of this server has this key already. */
static bool is_in_use(const struct generations *generations, struct span spki)
{
	for (size_t i = 0; i < generations->n; i++)
		if (span_equal(span_of(generations->records[i].spki), spki))
			return true;
	return false;
}

static bool is_left_over(const struct authority *authority, const struct generations *generations,
			 const struct token_key *key)
{
	return key->role == CHARTER_CA && key->present &&
	       !strcmp(key->label, authority->conf->label) &&
	       span_equal(span_of(key->issuer), span_of(authority->name)) &&
	       !is_in_use(generations, span_of(key->spki));
}

/* A key that an interrupted `create` made: taken up instead of making another. 0, FLOW_REFUSED for
 * none, FLOW_LATER. */
static int find_left_over(struct authority *authority, struct token_link *token,
			  struct token_key *ret)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);

	for (unsigned position = 0;; position++) {
		_cleanup_(token_key_done) struct token_key key = {};
		int r = token_link_key(token, position, &key);

		if (r == TOKEN_LINK_NO_KEY)
			return FLOW_REFUSED;
		if (r)
			return r == TOKEN_LINK_LATER ? FLOW_LATER : r < 0 ? r : -EKEYREJECTED;
		if (is_left_over(authority, generations, &key)) {
			*ret = TAKE_STRUCT(key);
			return 0;
		}
	}
}

static unsigned key_bits(const struct conf_server *conf, const struct token_facts *token)
{
	if (conf->key_size)
		return conf->key_size;
	return token->most_bits >= KEY_BITS_WISHED ? KEY_BITS_WISHED : KEY_BITS_LEAST;
}

static int make_key(struct authority *authority, struct token_link *token,
		    const struct token_facts *facts, struct token_key *ret, char **ret_reason)
{
	struct token_order order = {
		.role = CHARTER_CA,
		.issuer = span_of(authority->name),
		.bits = key_bits(authority->conf, facts),
		.label = authority->conf->label,
	};
	int r;

	r = find_left_over(authority, token, ret);
	if (r != FLOW_REFUSED)
		return r;
	log_notice(LOG_FIELDS(log_text("SERVER", authority->conf->label),
			      log_number("BITS", order.bits)),
		   "making the CA key on the token");
	r = token_link_make(token, &order, ret, ret_reason);
	return r == TOKEN_LINK_LATER ? FLOW_LATER : r > 0 ? FLOW_REFUSED : r;
}

/* The generation to be and its certificate's record, as one will stand beside the other. */
struct birth {
	struct token_key token_key;
	struct key *key;
	struct ca_generation_record generation;
	struct ca_certificate_record certificate;
};

static void birth_done(struct birth *birth)
{
	token_key_done(&birth->token_key);
	key_unref(birth->key);
	ca_generation_record_done(&birth->generation);
	ca_certificate_record_done(&birth->certificate);
}

static int build_certificate(struct authority *authority, const struct birth *birth,
			     struct bytes *ret)
{
	struct x509_ca_certificate values = {
		.serial = span_of(birth->certificate.serial),
		.name = span_of(authority->name),
		.not_before_s = birth->generation.not_before_s,
		.not_after_s = birth->generation.not_after_s,
		.spki = span_of(birth->token_key.spki),
		.key_usage = ca_key_usage(false),
		.digest = authority->conf->hash,
	};

	return x509_build_ca_certificate(&values, ret);
}

static int sign_certificate(struct flow *flow, struct authority *authority, struct birth *birth)
{
	_cleanup_(bytes_done) struct bytes to_be_signed = {};
	int r;

	r = build_certificate(authority, birth, &to_be_signed);
	return r < 0 ? r
		     : flow_sign_whole(flow, birth->key, authority->conf->hash,
				       span_of(to_be_signed), &birth->generation.certificate);
}

static int copy_key(const struct token_facts *token, const char *token_name, struct birth *birth)
{
	struct ca_generation_record *generation = &birth->generation;
	int r;

	generation->token = strdup(token_name);
	generation->token_serial = strdup(token->serial);
	if (!generation->token || !generation->token_serial)
		return -ENOMEM;
	r = bytes_copy(span_of(birth->token_key.id), &generation->key_id);
	if (r >= 0)
		r = bytes_copy(span_of(birth->token_key.spki), &generation->spki);
	sha256(span_of(birth->token_key.spki), generation->key_sha256);
	memcpy(birth->certificate.key_sha256, generation->key_sha256, SHA256_SIZE);
	return r;
}

/* The first generation: number 1, serial counter 1, active at once (SRV-38). */
static int plan_birth(struct authority *authority, int64_t now_s, struct birth *birth)
{
	struct ca_generation_record *generation = &birth->generation;
	struct ca_certificate_record *certificate = &birth->certificate;
	bool random = authority->conf->serial_numbers == CONF_SERIAL_NUMBERS_RANDOM;
	uint8_t serial[20], bits[8];
	size_t size;
	int r;

	random_fill(bits, sizeof(bits));
	size = ca_serial(1, random ? bits : NULL, serial);
	generation->number = 1;
	generation->counter = certificate->counter = 1;
	generation->not_before_s = certificate->not_before_s = generation->takes_over_s = now_s;
	generation->not_after_s = certificate->not_after_s =
		now_s + authority->conf->ca_certificate_lifetime_s;
	r = bytes_copy(SPAN(serial, size), &generation->serial);
	if (r >= 0)
		r = bytes_copy(SPAN(serial, size), &certificate->serial);
	if (r >= 0)
		r = bytes_copy(span_of(authority->name), &generation->issuer);
	if (r >= 0)
		r = bytes_copy(span_of(authority->name), &certificate->subject);
	return r;
}

static int commit_birth(struct flow *flow, struct authority *authority, const char *actor,
			struct birth *birth)
{
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {
		.server = authority->conf->label,
		.now_s = birth->generation.not_before_s,
		.create_server = authority->conf->label,
		.generation = &birth->generation,
		.certificate = &birth->certificate,
		.audit = &event.row,
		.n_audit = 1,
	};
	int r;

	birth->certificate.class = GRANT_CLASS_SUBORDINATE;
	r = bytes_copy(span_of(birth->generation.certificate), &birth->certificate.certificate);
	if (r >= 0)
		r = audit_of_act("server.create", actor, authority->conf->label, NULL, &event);
	if (r < 0)
		return r;
	r = store_commit(flow->store, &change);
	return r > 0 ? -EEXIST : r; /* it was looked for under the claim */
}

/* Why nothing can be created now: FLOW_REFUSED or FLOW_LATER with the reason; 0 where nothing
 * stands against it. */
static int check_prerequisites(struct flow *flow, struct authority *authority,
			       struct token_facts *ret_token, char **ret_reason)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	struct token_link *token = flow_find_token(flow, authority->conf->token);
	int r;

	r = store_server_load(flow->store, authority->conf->label, &record);
	if (r < 0)
		return r;
	if (!r) {
		r = text_format(ret_reason, "server %s exists already", authority->conf->label);
		return r < 0 ? r : FLOW_REFUSED;
	}
	if (!time_source_is_good(&flow->time)) {
		r = text_format(ret_reason, "waiting for time setting: the clock is not "
					    "synchronised (or set TimeSource=authoritative)");
		return r < 0 ? r : FLOW_REFUSED;
	}
	r = token_link_status(token, ret_token);
	if (r < 0)
		return r;
	if (r || ret_token->state != TOKEN_READY) {
		r = text_format(ret_reason, "token %s is not ready: %s", authority->conf->token,
				r ? "its process does not answer" : ret_token->reason);
		return r < 0 ? r : FLOW_LATER;
	}
	return 0;
}

int flow_server_create(struct flow *flow, struct authority *authority, const char *actor,
		       int64_t now_s, char **ret_reason)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	struct token_link *token = flow_find_token(flow, authority->conf->token);
	_cleanup_(birth_done) struct birth birth = {};
	struct token_facts facts;
	int r;

	claim = claim_take(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	r = check_prerequisites(flow, authority, &facts, ret_reason);
	if (r)
		return r;
	r = make_key(authority, token, &facts, &birth.token_key, ret_reason);
	if (r)
		return r;
	r = key_new_token(token, span_of(birth.token_key.spki), &birth.key);
	if (r >= 0)
		r = plan_birth(authority, now_s, &birth);
	if (r >= 0)
		r = copy_key(&facts, authority->conf->token, &birth);
	if (r >= 0)
		r = sign_certificate(flow, authority, &birth);
	if (!r)
		r = commit_birth(flow, authority, actor, &birth);
	if (r)
		return r;
	log_notice(LOG_FIELDS(log_text("SERVER", authority->conf->label)), "server created");
	r = authority_load(flow, authority);
	return r < 0 ? r : flow_publish(flow, authority, now_s);
}

/* An enum store_outcome too. Of two that come at once the later one's wish is also what is loaded.
 */
static int record_wish(struct flow *flow, struct authority *authority, bool enabled,
		       const char *actor, int64_t now_s)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.server = authority->conf->label,
				      .now_s = now_s,
				      .enabled = &enabled,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	claim = claim_take(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	r = audit_of_act(enabled ? "server.start" : "server.stop", actor, authority->conf->label,
			 NULL, &event);
	if (r < 0)
		return r;
	r = store_commit(flow->store, &change);
	if (r)
		return r;
	log_notice(LOG_FIELDS(log_text("SERVER", authority->conf->label)),
		   enabled ? "server started" : "server stopped");
	r = authority_load(flow, authority);
	flow_changed(flow);
	return r;
}

static int refuse_not_created(const struct authority *authority, char **ret_reason)
{
	int r = text_format(ret_reason, "server %s is not created: claviger server create %s",
			    authority->conf->label, authority->conf->label);

	return r < 0 ? r : FLOW_REFUSED;
}

int flow_server_start(struct flow *flow, struct authority *authority, const char *actor,
		      int64_t now_s, char **ret_reason)
{
	struct ca_plan plan;
	int r;

	r = record_wish(flow, authority, true, actor, now_s);
	if (r == STORE_NOT_FOUND)
		return refuse_not_created(authority, ret_reason);
	if (r)
		return r < 0 ? r : -EBUSY;
	r = flow_server_plan(flow, authority, now_s, &plan);
	if (r < 0)
		return r;
	/* What the first CRL still waits for, server show tells; it is signed by itself then. */
	r = flow_server_act(flow, authority, &plan, now_s);
	return r < 0 ? r : 0;
}

int flow_server_stop(struct flow *flow, struct authority *authority, const char *actor,
		     int64_t now_s, char **ret_reason)
{
	int r = record_wish(flow, authority, false, actor, now_s);

	if (r == STORE_NOT_FOUND)
		return refuse_not_created(authority, ret_reason);
	return r > 0 ? -EBUSY : r;
}

int flow_server_plan(struct flow *flow, struct authority *authority, int64_t now_s,
		     struct ca_plan *ret)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, now_s);
	struct ca_plan_facts facts = {.server = &record, .active = active ? active->record : NULL};
	int r;

	*ret = (struct ca_plan){.action = CA_ACTION_NONE};
	r = store_server_load(flow->store, authority->conf->label, &record);
	if (r)
		return r < 0 ? r : 0;
	r = store_request_first_expiry(flow->store, authority->conf->label,
				       &facts.first_request_expiry_s);
	if (r < 0)
		return r;
	*ret = ca_plan_next(&facts, now_s);
	return 0;
}

static int act_expire_requests(struct flow *flow, struct authority *authority, int64_t now_s)
{
	unsigned removed;
	int r;

	r = store_request_expire(flow->store, authority->conf->label, now_s, &removed);
	if (!r && removed)
		log_info(LOG_FIELDS(log_text("SERVER", authority->conf->label),
				    log_number("REQUESTS", removed)),
			 "requests expired");
	return r;
}

int flow_server_act(struct flow *flow, struct authority *authority, const struct ca_plan *plan,
		    int64_t now_s)
{
	static int (*const acts[])(struct flow *, struct authority *, int64_t) = {
		[CA_ACTION_SIGN_CRL] = flow_renew_crl,
		[CA_ACTION_EXPIRE_REQUESTS] = act_expire_requests,
	};

	if (plan->when_s > now_s || (size_t)plan->action >= ELEMENTS(acts) || !acts[plan->action])
		return 0;
	if (!time_source_is_good(&flow->time))
		return FLOW_LATER;
	return acts[plan->action](flow, authority, now_s);
}
