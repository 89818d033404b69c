/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/server.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/conf/lifetime.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/audit.h"
#include "daemon/flow/crl/crl.h"
#include "daemon/flow/key-presence.h"
#include "daemon/flow/recorded.h"
#include "daemon/flow/server/round.h"
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/flow/succession/change-over.h"
#include "daemon/flow/succession/exchange.h"
#include "daemon/flow/succession/shadow.h"

/* An enum store_outcome too. Of two that come at once the later one's wish is also what is loaded.
 */
static int record_wish(struct flow *flow, struct authority *authority, bool enabled,
		       const char *actor, int64_t now_s)
{
	_cleanup_(claim_releasep) pthread_mutex_t *claim = NULL;
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	_cleanup_(recorded_done) struct recorded recorded = {};
	_cleanup_(audit_done) struct audit_event event = {};
	struct store_change change = {.server = authority->conf->label,
				      .now_s = now_s,
				      .enabled = &enabled,
				      .audit = &event.row,
				      .n_audit = 1};
	int r;

	claim = claim_take(flow->claims, CLAIM_SERVER, span_of_text(authority->conf->label));
	r = audit_of_act(enabled ? AUDIT_SERVER_START : AUDIT_SERVER_STOP, actor,
			 authority->conf->label, NULL, &event);
	generations = authority_generations(authority);
	if (r >= 0 && enabled)
		r = recorded_of(authority, generations, true, &recorded);
	if (r < 0)
		return r;
	change.settings = recorded.settings;
	change.n_settings = recorded.n;
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

/* Whether the key that is to open requests was made to sign alone, as one that is born beside an
 * exchange key is. A token that is away can't tell, and opens nothing either. */
static bool signs_alone(struct flow *flow, const struct generation *generation)
{
	struct token_link *token = flow_find_token(flow, generation->record->token);

	for (unsigned position = 0; token; position++) {
		_cleanup_(token_key_done) struct token_key key = {};

		if (token_link_key(token, position, &key))
			break;
		if (span_equal(span_of(key.spki), span_of(generation->record->spki)))
			return !key.decrypts;
	}
	return false;
}

static int check_opener(struct flow *flow, struct authority *authority, int64_t now_s,
			char **ret_reason)
{
	const struct conf_server *conf = authority->conf;
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, now_s);
	int r;

	if (!active || !conf_server_is_ca(conf) || conf_server_has_exchange(conf) ||
	    !signs_alone(flow, active))
		return 0;
	r = text_format(ret_reason,
			"the key of server %s was made to sign alone and opens no requests: set "
			"ExchangeKey= to the [Token] of a key that does",
			conf->label);
	return r < 0 ? r : FLOW_REFUSED;
}

int flow_server_start(struct flow *flow, struct authority *authority, const char *actor,
		      int64_t now_s, char **ret_reason)
{
	int64_t next_s;
	int r;

	r = check_opener(flow, authority, now_s, ret_reason);
	if (r)
		return r;
	r = record_wish(flow, authority, true, actor, now_s);
	if (r == STORE_NOT_FOUND)
		return refuse_not_created(authority, ret_reason);
	if (r)
		return r < 0 ? r : -EBUSY;
	/* It is enabled. What its first CRL still waits for, server show tells; what fails here is
	 * tried again by itself. */
	(void)flow_server_round(flow, authority, now_s, &next_s);
	flow_waits(flow);
	return 0;
}

int flow_server_stop(struct flow *flow, struct authority *authority, const char *actor,
		     int64_t now_s, char **ret_reason)
{
	int r = record_wish(flow, authority, false, actor, now_s);

	if (r == STORE_NOT_FOUND)
		return refuse_not_created(authority, ret_reason);
	return r > 0 ? -EBUSY : r;
}

static struct ca_plan_policy policy_of(const struct conf_server *conf)
{
	return (struct ca_plan_policy){
		.crl_lifetime_s = conf->crl_lifetime_s,
		.overlap_s = conf->auto_rollover_s,
		.keep_retired_s = conf->keep_retired_s,
		.archives = conf->archive != CONF_ARCHIVE_OFF,
		.requires_backup = conf->require_backup,
		.ca_lifetime_s = conf->ca_certificate_lifetime_s,
		.enrolls = conf_server_enrolls(conf),
		.is_ra = conf_server_is_ra(conf),
		.has_exchange = conf_server_has_exchange(conf),
		.exchange_token = conf_server_is_ca(conf) ? conf_server_exchange_token(conf) : NULL,
		.exchange_lifetime_s = conf_certificate_lifetime_s(conf),
	};
}

/* The first of those that stand, of a server that makes them itself. */
static int64_t find_lost_exchange(struct flow *flow, const struct generations *generations,
				  const struct ca_plan_policy *policy)
{
	for (size_t i = 0; policy->exchange_token && i < generations->n_exchanges; i++) {
		const struct ca_exchange_record *each = &generations->exchange_records[i];

		if (!each->destroyed_s &&
		    flow_key_is_gone(flow, each->key.token, span_of(each->key.spki)))
			return each->id;
	}
	return 0;
}

int flow_server_facts(struct flow *flow, struct authority *authority,
		      const struct generations *generations, struct ca_server_record *record,
		      struct ca_plan_facts *ret)
{
	int r = store_server_load(flow->store, authority->conf->label, record);

	if (r)
		return r;
	*ret = (struct ca_plan_facts){
		.server = record,
		.generations = generations->records,
		.n_generations = generations->n,
		.exchanges = generations->exchange_records,
		.n_exchanges = generations->n_exchanges,
		.policy = policy_of(authority->conf),
	};
	ret->lost_exchange = find_lost_exchange(flow, generations, &ret->policy);
	return store_request_first_expiry(flow->store, authority->conf->label,
					  &ret->first_request_expiry_s);
}

int flow_server_plan(struct flow *flow, struct authority *authority,
		     const struct ca_plan_set *except, int64_t now_s, struct ca_plan *ret)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	struct ca_plan_facts facts;
	int r;

	*ret = (struct ca_plan){.action = CA_ACTION_NONE};
	r = flow_server_facts(flow, authority, generations, &record, &facts);
	if (r)
		return r < 0 ? r : 0;
	*ret = ca_plan_next_except(&facts, except, now_s);
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
		[CA_ACTION_PUBLISH_CRL] = flow_publish_crl_ahead,
		[CA_ACTION_SIGN_CRL] = flow_renew_crl,
		[CA_ACTION_SIGN_CRL_AHEAD] = flow_sign_crl_ahead,
		[CA_ACTION_EXPIRE_REQUESTS] = act_expire_requests,
		[CA_ACTION_MAKE_SHADOW] = flow_make_shadow,
		[CA_ACTION_EXPIRE_CERTIFICATE] = NULL,
	};
	/* Those that are about one generation. */
	static int (*const acts_of[])(struct flow *, struct authority *, unsigned, int64_t) = {
		[CA_ACTION_CHANGE_OVER] = flow_change_over,
		[CA_ACTION_MAKE_EXCHANGE] = flow_make_exchange,
		[CA_ACTION_SIGN_OWN_CRL] = flow_sign_own_crl,
		[CA_ACTION_ARCHIVE_SHADOW] = flow_archive_shadow,
		[CA_ACTION_OFFER_SHADOW] = flow_offer_shadow,
		[CA_ACTION_RELABEL_KEY] = flow_relabel_key,
		[CA_ACTION_DESTROY_KEY] = flow_destroy_key,
		[CA_ACTION_EXPIRE_CERTIFICATE] = NULL,
	};
	/* Those that are about one exchange key. */
	static int (*const acts_on[])(struct flow *, struct authority *, int64_t, int64_t) = {
		[CA_ACTION_RELABEL_EXCHANGE] = flow_relabel_exchange,
		[CA_ACTION_DESTROY_EXCHANGE] = flow_destroy_exchange,
		[CA_ACTION_EXPIRE_CERTIFICATE] = NULL,
	};

	assert((size_t)plan->action < ELEMENTS(acts));
	if (plan->when_s > now_s)
		return 0;
	if (!time_source_is_good(&flow->time))
		return FLOW_LATER;
	if (acts[plan->action])
		return acts[plan->action](flow, authority, now_s);
	if (acts_of[plan->action])
		return acts_of[plan->action](flow, authority, plan->generation, now_s);
	return acts_on[plan->action] ? acts_on[plan->action](flow, authority, plan->exchange, now_s)
				     : FLOW_LATER;
}
