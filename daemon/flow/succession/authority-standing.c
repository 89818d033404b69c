/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/conf/server-key.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/flow.h"
#include "daemon/flow/key-presence.h"
#include "daemon/flow/reach.h"
#include <stdio.h>
#include <string.h>

bool authority_token_is_ready(struct flow *flow, const char *name,
			      char ret_reason[static AUTHORITY_TOKEN_REASON_SIZE])
{
	struct token_link *token = flow_find_token(flow, name);
	struct token_facts facts;

	if (!token || token_link_status(token, &facts)) {
		snprintf(ret_reason, AUTHORITY_TOKEN_REASON_SIZE,
			 "waiting for token: %s's process does not answer", name);
		return false;
	}
	snprintf(ret_reason, AUTHORITY_TOKEN_REASON_SIZE, "waiting for token: %s is %s: %s", name,
		 token_state_name(facts.state), facts.reason);
	return facts.state == TOKEN_READY;
}

void authority_backup_tell(const struct conf_server *conf,
			   const struct ca_generation_record *generation,
			   char ret[static AUTHORITY_BACKUP_SIZE])
{
	*ret = '\0';
	if (conf->require_backup && conf_server_is_ca(conf) && !generation->backed_up_s)
		snprintf(ret, AUTHORITY_BACKUP_SIZE,
			 "waits for the backup of its key: claviger token backup '%s%s' --on %s "
			 "FILE, or --to TOKEN",
			 conf->label, generation->relabelled_s ? "" : "#", generation->token);
}

bool authority_key_is_gone(struct flow *flow, const struct ca_generation_record *generation)
{
	return flow_key_is_gone(flow, generation->token, span_of(generation->spki));
}

static void standing_of_storage(struct flow *flow, struct authority_standing *standing)
{
	const char *reason = "";

	standing->facts.storage_good = store_is_writable(flow->store, &reason);
	snprintf(standing->storage_reason, sizeof(standing->storage_reason),
		 "storage inaccessible: %s", reason);
	standing->facts.storage_reason = standing->storage_reason;
}

/* Of the keys that the active generation works with; before there is one, of the first to be. */
static void standing_of_tokens(struct flow *flow, const struct authority *authority,
			       const struct generation *active, int64_t now_s,
			       struct authority_standing *standing)
{
	const struct conf_server *conf = authority->conf;
	const struct exchange *speaker =
		active ? generations_exchange(standing->generations, conf, active, now_s) : NULL;
	bool has_speaker = speaker && speaker->record;
	const char *first = active && conf_server_is_ca(conf) ? active->record->token
			    : has_speaker		      ? speaker->token
							      : conf_server_first_token(conf);
	struct ca_server_facts *facts = &standing->facts;

	facts->token_reason = standing->token_reason;
	facts->token_ready =
		!first || authority_token_is_ready(flow, first, standing->token_reason);
	facts->key_gone =
		active && conf_server_is_ca(conf) && authority_key_is_gone(flow, active->record);
	if (!has_speaker)
		return;
	if (facts->token_ready)
		facts->token_ready =
			authority_token_is_ready(flow, speaker->token, standing->token_reason);
	facts->exchange_gone =
		flow_key_is_gone(flow, speaker->token, speaker->certificate.key.spki);
}

/* Of one that has neither key nor certificate. */
static void standing_of_relay(const struct authority *authority,
			      struct authority_standing *standing)
{
	struct ca_server_facts *facts = &standing->facts;
	char trouble[REACH_TROUBLE_SIZE];

	facts->relays = true;
	facts->token_ready = true;
	facts->superior_away = reach_tell(authority->shared->reach, trouble);
	snprintf(standing->superior, sizeof(standing->superior), "waiting for the superior CA: %s",
		 trouble);
	facts->superior_reason = standing->superior;
}

/* What it waits for before it has a certificate, and what it will miss later. */
static void standing_of_superior(struct flow *flow, const struct authority *authority,
				 int64_t now_s, struct authority_standing *standing)
{
	struct ca_server_facts *facts = &standing->facts;

	if (!generations_active(standing->generations, now_s) || facts->uncertified)
		superior_tell(flow, authority, now_s, standing->superior);
	else
		superior_tell_trouble(flow, authority, now_s, standing->successor);
	facts->superior_reason = standing->superior;
	facts->successor_reason = standing->successor;
}

int authority_standing_load(struct flow *flow, struct authority *authority, int64_t now_s,
			    struct authority_standing *ret)
{
	struct ca_server_facts *facts = &ret->facts;
	const struct generation *active;
	int r;

	*ret = (struct authority_standing){};
	r = store_server_load(flow->store, authority->conf->label, &ret->record);
	if (r < 0)
		return r;
	facts->created = !r;
	facts->wanted = ret->record.enabled;
	facts->crl_next_update_s = ret->record.crl_next_update_s;
	ret->generations = authority_generations(authority);
	facts->generations = ret->generations->records;
	facts->n_generations = ret->generations->n;
	facts->time_good = time_source_is_good(&flow->time);
	facts->http_missing = flow_is_http_missing(flow);
	standing_of_storage(flow, ret);
	facts->failed = failures_tell(authority->shared->failures, ret->failure);
	facts->failure = ret->failure;
	authority_breach_tell(authority, ret->generations, ret->breach);
	facts->breach = ret->breach;
	if (conf_server_is_transparent(authority->conf)) {
		standing_of_relay(authority, ret);
		return 0;
	}
	active = generations_active(ret->generations, now_s);
	facts->key_missing = active && generations_key_is_missing(ret->generations, authority->conf,
								  active, now_s);
	facts->name_missing = authority_lacks_name(authority);
	facts->enrolls = conf_server_enrolls(authority->conf);
	facts->uncertified = active && generations_is_uncertified(ret->generations, authority->conf,
								  active, now_s);
	if (facts->created && facts->enrolls)
		standing_of_superior(flow, authority, now_s, ret);
	standing_of_tokens(flow, authority, active, now_s, ret);
	facts->requires_backup = authority->conf->require_backup;
	if (active)
		authority_backup_tell(authority->conf, active->record, ret->backup);
	facts->backup_reason = ret->backup;
	return 0;
}

void authority_standing_done(struct authority_standing *standing)
{
	ca_server_record_done(&standing->record);
	generations_unref(standing->generations);
	*standing = (struct authority_standing){};
}
