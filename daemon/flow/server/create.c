/* SPDX-License-Identifier: Apache-2.0 */
/* The birth of a server: its key and its own certificate. */
#include "daemon/base/crash.h"
#include "daemon/base/files.h"
#include "daemon/base/log-event.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/publication/publish.h"
#include "daemon/flow/recorded.h"
#include "daemon/flow/server/server.h"
#include "daemon/flow/succession/birth.h"
#include "daemon/flow/succession/exchange.h"
#include "daemon/flow/trustpoint/keys.h"
#include "daemon/ipc/keys.h"

#define KEY_BITS_WISHED 3072 /* where the token can and KeySize= is unset */
#define KEY_BITS_LEAST	2048
#define FIRST_NUMBER	1 /* of a generation */

static unsigned key_bits(const struct conf_server *conf, const struct token_facts *token)
{
	if (conf_server_key_size(conf))
		return conf_server_key_size(conf);
	return token->most_bits >= KEY_BITS_WISHED ? KEY_BITS_WISHED : KEY_BITS_LEAST;
}

/* Of one that is not used yet: a server that was deleted under this label counts on. */
static int first_serial(struct flow *flow, struct authority *authority, uint64_t *ret_counter,
			uint8_t ret[static 20], size_t *ret_size)
{
	bool random = authority->conf->serial_numbers == CONF_SERIAL_NUMBERS_RANDOM;
	uint8_t bits[8];
	int r = store_serials_first(flow->store, authority->conf->label, ret_counter);

	if (r < 0)
		return r;
	random_fill(bits, sizeof(bits));
	*ret_size = ca_serial(*ret_counter, random ? bits : NULL, ret);
	return 0;
}

/* The first generation: number 1, the first serial counter, active at once (SRV-38). */
static int plan(const struct birth_order *order, struct birth *birth)
{
	uint8_t serial[20];
	uint64_t counter;
	size_t size;
	int r;

	r = first_serial(order->flow, order->authority, &counter, serial, &size);
	if (r < 0)
		return r;
	ca_generation_settle(&birth->generation, order->not_before_s);
	return birth_plan(order, counter, SPAN(serial, size), birth);
}

/* @with: what comes with it. */
static int commit_birth(struct flow *flow, struct authority *authority, const char *actor,
			const struct store_change *with)
{
	struct store_change change = *with;
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	_cleanup_(recorded_done) struct recorded recorded = {};
	_cleanup_(audit_done) struct audit_event event = {};
	int r;

	change.server = change.create_server = authority->conf->label;
	change.audit = &event.row;
	change.n_audit = 1;
	r = audit_of_act(AUDIT_SERVER_CREATE, actor, authority->conf->label, NULL, &event);
	if (r >= 0)
		r = recorded_of(authority, generations, false, &recorded);
	if (r < 0)
		return r;
	change.settings = recorded.settings;
	change.n_settings = recorded.n;
	r = store_commit(flow->store, &change);
	return r > 0 ? -EEXIST : r; /* it was looked for under the claim */
}

/* Why nothing can be created now: FLOW_REFUSED or FLOW_LATER with the reason; 0 where nothing
 * stands against it. */
static int check_prerequisites(struct flow *flow, struct authority *authority,
			       struct token_facts *ret_token, char **ret_reason)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	const char *name = conf_server_first_token(authority->conf);
	struct token_link *token = flow_find_token(flow, name);
	int r;

	r = store_server_load(flow->store, authority->conf->label, &record);
	if (r < 0)
		return r;
	if (!r) {
		r = text_format(ret_reason, "server %s exists already", authority->conf->label);
		return r < 0 ? r : FLOW_REFUSED;
	}
	if (authority_lacks_name(authority)) {
		r = text_format(ret_reason, "IssuerName= of server %s is no distinguished name",
				authority->conf->label);
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
		r = text_format(ret_reason, "token %s is not ready: %s", name,
				r ? "its process does not answer" : ret_token->reason);
		return r < 0 ? r : FLOW_LATER;
	}
	return 0;
}

static struct birth_order order_of(struct flow *flow, struct authority *authority,
				   const struct generations *generations,
				   const struct token_facts *token, int64_t now_s)
{
	const struct conf_server *conf = authority->conf;

	return (struct birth_order){
		.flow = flow,
		.authority = authority,
		.generations = generations,
		.token = conf_server_first_token(conf),
		.label = conf_server_key_label(conf),
		.bits = key_bits(conf, token),
		.name = span_of(authority->name),
		.key_usage = ca_key_usage(conf_server_has_exchange(conf)),
		.number = FIRST_NUMBER,
		.not_before_s = now_s,
		.not_after_s = now_s + conf->ca_certificate_lifetime_s,
	};
}

/* With its key and its own certificate. */
static int create_root(struct flow *flow, struct authority *authority, const char *actor,
		       int64_t now_s, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	_cleanup_(birth_done) struct birth birth = {};
	struct store_change change = {
		.now_s = now_s,
		.generation = &birth.generation,
		.certificate = &birth.certificate,
	};
	struct token_facts facts;
	struct birth_order order;
	int r = check_prerequisites(flow, authority, &facts, ret_reason);

	if (r)
		return r;
	order = order_of(flow, authority, generations, &facts, now_s);
	r = birth_make_key(&order, &birth, ret_reason);
	if (!r)
		r = plan(&order, &birth);
	if (!r)
		r = birth_sign(&order, &birth);
	return r ? r : commit_birth(flow, authority, actor, &change);
}

/* Nobody is asked who was not vouched for: that is an act of its own, with the fingerprint. */
static int look_at_superior(struct flow *flow, const struct authority *authority, int64_t now_s,
			    struct trustpoint_turn *turn, char **ret_reason)
{
	const char *label = authority->conf->label;
	int r = trustpoint_turn_look(flow, label, now_s, turn);

	if (r == -ENOENT)
		return trustpoint_refuse(ret_reason, FLOW_REFUSED,
					 "server %s has no trustpoint of its name: [Trustpoint %s] "
					 "with EnrollmentURL= says which CA is above it",
					 label, label);
	/* Fingerprint= vouches for it too, as soon as it answers. */
	if (r < 0 || ca_anchor_active(&turn->state, now_s) ||
	    (turn->conf->fingerprint && trustpoint_is_online(turn->conf)))
		return r;
	return trustpoint_refuse(ret_reason, FLOW_REFUSED,
				 "the CA above server %s is not authenticated yet: claviger "
				 "trustpoint authenticate %s",
				 label, label);
}

/* Its trustpoint finds the key, signs the CRL and asks for the certificate, which may take days.
 * What the token has against a key is told now. */
static int create_enrolling(struct flow *flow, struct authority *authority, const char *actor,
			    int64_t now_s, char **ret_reason)
{
	const struct trustpoint_key_order order = {.usage = KEY_USAGE_GENERAL};
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};
	_cleanup_(trustpoint_key_done) struct trustpoint_key key = {};
	struct store_change change = {.now_s = now_s};
	struct token_facts facts;
	int r = check_prerequisites(flow, authority, &facts, ret_reason);

	if (!r)
		r = look_at_superior(flow, authority, now_s, &turn, ret_reason);
	if (!r)
		r = trustpoint_key_choose(&turn, &order, &key, ret_reason);
	if (!r)
		r = commit_birth(flow, authority, actor, &change);
	if (r)
		return r;
	crash_here(CRASH_SERVER_CREATED);
	return 0;
}

/* It has neither key nor certificate: that it is there is all there is to record. */
static int create_transparent(struct flow *flow, struct authority *authority, const char *actor,
			      int64_t now_s, char **ret_reason)
{
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	struct store_change change = {.now_s = now_s};
	int r;

	if (!generations->created)
		return commit_birth(flow, authority, actor, &change);
	r = text_format(ret_reason, "server %s exists already", authority->conf->label);
	return r < 0 ? r : FLOW_REFUSED;
}

int flow_server_create(struct flow *flow, struct authority *authority, const char *actor,
		       int64_t now_s, char **ret_reason)
{
	static int (*const creates[])(struct flow *, struct authority *, const char *, int64_t,
				      char **) = {
		[CONF_MODE_ROOT] = create_root,
		[CONF_MODE_SUBORDINATE] = create_enrolling,
		[CONF_MODE_RA] = create_enrolling,
		[CONF_MODE_RA_TRANSPARENT] = create_transparent,
	};
	_cleanup_(claim_releasep) pthread_mutex_t *claim =
		claim_take(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	int r = creates[authority->conf->mode](flow, authority, actor, now_s, ret_reason);

	if (r)
		return r;
	log_notice(LOG_FIELDS(log_event(LOG_EVENT_SERVER_CREATED),
			      log_text("SERVER", authority->conf->label)),
		   "server created");
	r = authority_load(flow, authority);
	if (r < 0)
		return r;
	claim_releasep(&claim);
	/* What its exchange key waits for, it waits for when it is started. */
	if (authority->conf->mode != CONF_MODE_ROOT)
		flow_trustpoint_changed(flow);
	else if (conf_server_has_exchange(authority->conf))
		(void)!flow_make_exchange(flow, authority, FIRST_NUMBER, now_s);
	/* It is there, whether or not the front end has its files yet: the next round tries again.
	 */
	if (flow_publish(flow, authority, now_s) < 0)
		flow_changed(flow);
	return 0;
}
