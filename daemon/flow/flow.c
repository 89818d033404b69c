/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/flow.h"
#include "daemon/base/files.h"
#include "daemon/base/log.h"
#include <stdlib.h>
#include <string.h>

/* A token's process that was killed is back within moments; what takes longer is held by main. */
#define TOKEN_PATIENCE_MS 1000

static int open_tokens(struct flow *flow)
{
	int r;

	flow->tokens = calloc(flow->conf->n_tokens + 1, sizeof(*flow->tokens));
	if (!flow->tokens)
		return -ENOMEM;
	for (size_t i = 0; i < flow->conf->n_tokens; i++) {
		_cleanup_(freep) char *path = NULL;
		const char *name = flow->conf->tokens[i].name;

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

static int open_authorities(struct flow *flow)
{
	int r;

	flow->authorities = calloc(flow->conf->n_servers + 1, sizeof(*flow->authorities));
	if (!flow->authorities)
		return -ENOMEM;
	for (size_t i = 0; i < flow->conf->n_servers; i++) {
		r = authority_init(&flow->authorities[i], &flow->conf->servers[i]);
		if (r < 0)
			return r;
		r = authority_load(flow, &flow->authorities[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int open_state(struct flow *flow)
{
	const char *state = flow->conf->daemon.state_directory;
	_cleanup_(freep) char *database = NULL;
	int r;

	r = text_format(&flow->public_directory, "%s/public", state);
	if (r < 0)
		return r;
	r = directory_make(state, 0711);
	if (r >= 0)
		r = directory_make(flow->public_directory, 0755);
	if (r < 0) {
		log_error(LOG_FIELDS(log_text("PATH", state), log_number("ERRNO", -r)),
			  "state directory can't be made");
		return r;
	}
	r = text_format(&database, "%s/claviger.db", state);
	if (r < 0)
		return r;
	r = store_open(database, &flow->store);
	if (r < 0)
		log_error(LOG_FIELDS(log_text("PATH", database), log_number("ERRNO", -r)),
			  "database can't be opened");
	return r;
}

int flow_open(struct conf *conf, struct flow **ret)
{
	_cleanup_(flow_closep) struct flow *flow = calloc(1, sizeof(*flow));
	int r;

	if (!flow)
		return -ENOMEM;
	flow->conf = conf_ref(conf);
	time_source_init(&flow->time, &conf->daemon);
	r = claims_new(&flow->claims);
	if (r >= 0)
		r = open_state(flow);
	if (r >= 0)
		r = open_tokens(flow);
	if (r >= 0)
		r = open_authorities(flow);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(flow);
	return 0;
}

struct flow *flow_close(struct flow *flow)
{
	if (!flow)
		return NULL;
	for (size_t i = 0; flow->authorities && i < flow->conf->n_servers; i++) {
		authority_return_serials(flow, &flow->authorities[i]);
		authority_done(&flow->authorities[i]);
	}
	for (size_t i = 0; flow->tokens && i < flow->conf->n_tokens; i++)
		token_link_unref(flow->tokens[i]);
	free(flow->authorities);
	free(flow->tokens);
	store_close(flow->store);
	claims_free(flow->claims);
	time_source_done(&flow->time);
	free(flow->public_directory);
	conf_unref(flow->conf);
	free(flow);
	return NULL;
}

void flow_closep(struct flow **flow)
{
	flow_close(*flow);
}

struct authority *flow_find_authority(struct flow *flow, struct span label)
{
	for (size_t i = 0; i < flow->conf->n_servers; i++)
		if (span_equal(span_of_text(flow->conf->servers[i].label), label))
			return &flow->authorities[i];
	return NULL;
}

struct token_link *flow_find_token(struct flow *flow, const char *name)
{
	for (size_t i = 0; i < flow->conf->n_tokens; i++)
		if (!strcmp(flow->conf->tokens[i].name, name))
			return flow->tokens[i];
	return NULL;
}

void flow_changed(struct flow *flow)
{
	if (flow->on_change)
		flow->on_change(flow->on_change_context);
}
