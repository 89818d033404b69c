/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/trustpoint-outlook.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/key-use/last.h"
#include "daemon/flow/trustpoint/files.h"
#include "daemon/flow/trustpoint/keys.h"
#include <stdlib.h>

void trustpoint_outlook_done(struct trustpoint_outlook *outlook)
{
	free(outlook->shared_keys);
	free(outlook->key_uses);
	*outlook = (struct trustpoint_outlook){};
}

static int find_shared_keys(struct trustpoint_turn *turn, struct trustpoint_outlook *ret)
{
	const struct ca_trustpoint_state *state = &turn->state;

	ret->shared_keys = calloc(state->n_identities + 1, sizeof(*ret->shared_keys));
	if (!ret->shared_keys)
		return -ENOMEM;
	for (size_t i = 0; i < state->n_identities; i++) {
		struct span key = SPAN_ARRAY(state->identities[i].key.key_sha256);
		unsigned users = 0;
		int r = store_trustpoint_key_users(turn->flow->store, turn->conf->name, key,
						   &users);

		if (r < 0)
			return r;
		if (users)
			ret->shared_keys[ret->facts.n_shared_keys++] = state->identities[i].id;
	}
	ret->facts.shared_keys = ret->shared_keys;
	return 0;
}

static int find_key_uses(struct trustpoint_turn *turn, struct trustpoint_outlook *ret)
{
	const struct ca_trustpoint_state *state = &turn->state;
	int r = 0;

	ret->key_uses = calloc(state->n_identities + 1, sizeof(*ret->key_uses));
	if (!ret->key_uses)
		return -ENOMEM;
	for (size_t i = 0; i < state->n_identities && r == 0; i++) {
		const struct ca_identity_record *identity = &state->identities[i];
		struct trustpoint_key_use use = {.id = identity->id};

		r = flow_key_use_last(turn->flow, turn->conf->name, &identity->key, turn->now_s,
				      &use.last_s);
		if (r == 0 && use.last_s)
			ret->key_uses[ret->facts.n_key_uses++] = use;
	}
	ret->facts.key_uses = ret->key_uses;
	return r;
}

/* What the server's configuration and record say, where it enrols by this trustpoint. */
static int add_server(struct trustpoint_turn *turn, struct trustpoint_policy *ret)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	const struct conf_server *conf = turn->server ? turn->server->conf : NULL;
	int r;

	if (!conf)
		return 0;
	ret->serves = true;
	ret->is_ca = conf_server_is_ca(conf);
	ret->overlap_s = conf->auto_rollover_s;
	r = store_server_load(turn->flow->store, conf->label, &record);
	if (r)
		return r == STORE_NOT_FOUND ? 0 : r;
	ret->is_wanted = true;
	ret->is_stopped = !record.enabled;
	ret->wish_s = record.rollover_wish_s;
	ret->cancelled_s = record.rollover_cancelled_s;
	return 0;
}

int trustpoint_outlook_load(struct trustpoint_turn *turn, struct trustpoint_outlook *ret)
{
	const struct conf_trustpoint *conf = turn->conf;
	bool export_due;
	int r = trustpoint_export_due(turn, &export_due);

	if (r < 0)
		return r;
	ret->facts = (struct trustpoint_facts){
		.state = &turn->state,
		.policy =
			{
				.by_scep = trustpoint_is_online(conf),
				.authenticates = conf->fingerprint != NULL,
				.usage_keys = conf->usage_keys,
				.percent = conf->auto_enroll,
				.regenerates = conf->regenerate,
				.retry_count = conf->retry_count,
				.retry_period_s = conf->retry_period_s,
				.export_due = export_due,
			},
	};
	r = add_server(turn, &ret->facts.policy);
	if (r >= 0)
		r = find_shared_keys(turn, ret);
	return r < 0 ? r : find_key_uses(turn, ret);
}
