/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/configuration/snapshot.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include "daemon/flow/flow-base.h"
#include "daemon/flow/key-use/keys.h"
#include "daemon/flow/key-use/tally.h"
#include "daemon/flow/notice/traps.h"
#include "daemon/flow/proposals.h"
#include "daemon/flow/publication/storage.h"
#include "daemon/flow/witness.h"
#include "daemon/ipc/fetch-client.h"
#include <stdlib.h>

/* A token's process that was killed is back within moments; what takes longer is held by main. */
#define TOKEN_PATIENCE_MS 1000

static void base_free(struct flow_base *base)
{
	store_close(base->store);
	storage_free(base->storage);
	claims_free(base->claims);
	guesses_free(base->guesses);
	witness_free(base->witness);
	notice_traps_free(base->traps);
	proposals_free(base->proposals);
	fetch_canceller_free(base->canceller);
	key_use_keys_free(base->key_use_keys);
	key_use_tally_free(base->key_use_tally);
	time_seen_done(&base->time_seen);
	free(base->public_directory);
	free(base);
}

static void base_unrefp(struct flow_base **base)
{
	flow_base_unref(*base);
}

/* The running snapshot's of the same name; NULL without one. */
static struct token_link *link_before(struct flow *running, const char *name)
{
	struct token_link *link = running ? flow_find_token(running, name) : NULL;

	return link ? token_link_ref(link) : NULL;
}

static int open_tokens(struct flow *flow, struct flow *running)
{
	flow->tokens = calloc(flow->conf->n_tokens + 1, sizeof(*flow->tokens));
	if (!flow->tokens)
		return -ENOMEM;
	for (size_t i = 0; i < flow->conf->n_tokens; i++) {
		_cleanup_(freep) char *path = NULL;
		const char *name = flow->conf->tokens[i].name;
		int r;

		flow->tokens[i] = link_before(running, name);
		if (flow->tokens[i])
			continue;
		r = text_format(&path, "%s/token/%s.sock", flow->conf->daemon.runtime_directory,
				name);
		if (r < 0)
			return r;
		r = token_link_new(name, path, TOKEN_PATIENCE_MS, &flow->tokens[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int open_authorities(struct flow *flow, struct flow *running)
{
	flow->authorities = calloc(flow->conf->n_servers + 1, sizeof(*flow->authorities));
	if (!flow->authorities)
		return -ENOMEM;
	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		const struct conf_server *conf = &flow->conf->servers[i];
		struct authority *before =
			running ? flow_find_authority(running, span_of_text(conf->label)) : NULL;
		int r;

		r = authority_init(&flow->authorities[i], conf, before);
		if (r >= 0 && !before)
			r = authority_load(flow, &flow->authorities[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int open_state(struct flow_base *base, const char *state)
{
	_cleanup_(freep) char *database = NULL;
	int r;

	r = text_format(&base->public_directory, "%s/public", state);
	if (r < 0)
		return r;
	r = directory_make(state, 0711);
	if (r >= 0)
		r = directory_make(base->public_directory, 0755);
	if (r < 0) {
		log_error(LOG_FIELDS(log_text("PATH", state), log_number("ERRNO", -r)),
			  "state directory can't be made");
		return r;
	}
	r = text_format(&database, "%s/claviger.db", state);
	if (r < 0)
		return r;
	r = store_open(database, &base->store);
	if (r < 0)
		log_error(LOG_FIELDS(log_text("PATH", database), log_number("ERRNO", -r)),
			  "database can't be opened");
	return r;
}

static int base_new(const char *state, struct flow_base **ret)
{
	_cleanup_(base_unrefp) struct flow_base *base = calloc(1, sizeof(*base));
	int r;

	if (!base)
		return -ENOMEM;
	base->references = 1;
	base->free = base_free;
	time_seen_init(&base->time_seen);
	r = claims_new(&base->claims);
	if (r >= 0)
		r = storage_new(&base->storage);
	if (r >= 0)
		r = guesses_new(&base->guesses);
	if (r >= 0)
		r = witness_new(&base->witness);
	if (r >= 0)
		r = notice_traps_new(&base->traps);
	if (r >= 0)
		r = proposals_new(&base->proposals);
	if (r >= 0)
		r = fetch_canceller_new(&base->canceller);
	if (r >= 0)
		r = key_use_keys_new(&base->key_use_keys);
	if (r >= 0)
		r = key_use_tally_new(&base->key_use_tally);
	if (r >= 0)
		r = open_state(base, state);
	if (r >= 0)
		*ret = TAKE_PTR(base);
	return r;
}

/* Takes a reference to @base and, where there is one, what @running has. */
static int snapshot(struct flow_base *base, struct conf *conf, struct flow *running,
		    struct flow **ret)
{
	_cleanup_(flow_unrefp) struct flow *flow = calloc(1, sizeof(*flow));
	int r;

	if (!flow)
		return -ENOMEM;
	__atomic_add_fetch(&base->references, 1, __ATOMIC_RELAXED);
	*flow = (struct flow){.references = 1,
			      .number = __atomic_add_fetch(&base->snapshots, 1, __ATOMIC_RELAXED),
			      .base = base,
			      .conf = conf_ref(conf),
			      .store = base->store,
			      .claims = base->claims,
			      .storage = base->storage,
			      .guesses = base->guesses,
			      .witness = base->witness,
			      .traps = base->traps,
			      .proposals = base->proposals,
			      .canceller = base->canceller,
			      .key_use_keys = base->key_use_keys,
			      .key_use_tally = base->key_use_tally,
			      .public_directory = base->public_directory};
	time_source_init(&flow->time, &conf->daemon, &base->time_seen);
	if (running) {
		flow->on_change = running->on_change;
		flow->on_change_context = running->on_change_context;
		flow->on_commit = running->on_commit;
		flow->on_commit_context = running->on_commit_context;
		flow->on_forward = running->on_forward;
		flow->on_forward_context = running->on_forward_context;
		flow->on_wait = running->on_wait;
		flow->on_wait_context = running->on_wait_context;
		flow->on_trustpoint = running->on_trustpoint;
		flow->on_trustpoint_context = running->on_trustpoint_context;
	}
	r = open_tokens(flow, running);
	if (r >= 0)
		r = open_authorities(flow, running);
	if (r >= 0)
		*ret = TAKE_PTR(flow);
	return r;
}

int flow_open(struct conf *conf, struct flow **ret)
{
	_cleanup_(base_unrefp) struct flow_base *base = NULL;
	int r;

	r = base_new(conf->daemon.state_directory, &base);
	return r < 0 ? r : snapshot(base, conf, NULL, ret);
}

int flow_snapshot(struct flow *running, struct conf *conf, struct flow **ret)
{
	return snapshot(running->base, conf, running, ret);
}
