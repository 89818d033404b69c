/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/flow.h"
#include "daemon/flow/flow-base.h"
#include <stdlib.h>
#include <string.h>

bool flow_begin_reload(struct flow *flow)
{
	return !__atomic_exchange_n(&flow->base->reloading, true, __ATOMIC_ACQ_REL);
}

void flow_end_reload(struct flow *flow)
{
	__atomic_store_n(&flow->base->reloading, false, __ATOMIC_RELEASE);
}

void flow_base_unref(struct flow_base *base)
{
	if (base && !__atomic_sub_fetch(&base->references, 1, __ATOMIC_ACQ_REL))
		base->free(base);
}

struct flow *flow_ref(struct flow *flow)
{
	__atomic_add_fetch(&flow->references, 1, __ATOMIC_RELAXED);
	return flow;
}

struct flow *flow_unref(struct flow *flow)
{
	if (!flow || __atomic_sub_fetch(&flow->references, 1, __ATOMIC_ACQ_REL))
		return NULL;
	for (size_t i = 0; flow->authorities && i < flow->conf->n_servers; i++)
		authority_done(flow, &flow->authorities[i]);
	for (size_t i = 0; flow->tokens && i < flow->conf->n_tokens; i++)
		token_link_unref(flow->tokens[i]);
	free(flow->authorities);
	free(flow->tokens);
	conf_unref(flow->conf);
	flow_base_unref(flow->base);
	free(flow);
	return NULL;
}

void flow_unrefp(struct flow **flow)
{
	flow_unref(*flow);
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
	for (size_t i = 0; name && i < flow->conf->n_tokens; i++)
		if (!strcmp(flow->conf->tokens[i].name, name))
			return flow->tokens[i];
	return NULL;
}

void flow_changed(struct flow *flow)
{
	if (flow->on_change)
		flow->on_change(flow->on_change_context);
}

void flow_trustpoint_changed(struct flow *flow)
{
	__atomic_add_fetch(&flow->base->trustpoint_changes, 1, __ATOMIC_RELEASE);
	if (flow->on_trustpoint)
		flow->on_trustpoint(flow->on_trustpoint_context);
}

unsigned flow_trustpoint_changes(const struct flow *flow)
{
	return __atomic_load_n(&flow->base->trustpoint_changes, __ATOMIC_ACQUIRE);
}

void flow_forward_changed(struct flow *flow)
{
	if (flow->on_forward)
		flow->on_forward(flow->on_forward_context);
}

void flow_waits(struct flow *flow)
{
	if (flow->on_wait)
		flow->on_wait(flow->on_wait_context);
}

void flow_committed(struct flow *flow)
{
	if (flow->on_commit)
		flow->on_commit(flow->on_commit_context);
}

bool flow_set_http_missing(struct flow *flow, bool missing)
{
	return __atomic_exchange_n(&flow->base->http_missing, missing, __ATOMIC_RELAXED) != missing;
}

bool flow_is_http_missing(const struct flow *flow)
{
	return __atomic_load_n(&flow->base->http_missing, __ATOMIC_RELAXED);
}
