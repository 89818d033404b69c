/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/validate/domains.h"
#include "daemon/base/der.h"
#include "daemon/store/trustpoint.h"
#include <stdlib.h>

void domains_done(struct domains *domains)
{
	for (size_t i = 0; i < domains->n_states; i++)
		ca_trustpoint_state_done(&domains->states[i]);
	for (size_t i = 0; i < domains->n_generations; i++)
		generations_unref(domains->generations[i]);
	free(domains->anchors);
	free(domains->others);
	free(domains->states);
	free(domains->generations);
	*domains = (struct domains){};
}

static int add_anchor(struct domains *domains, const struct domain_anchor *anchor)
{
	struct domain_anchor *anchors =
		reallocarray(domains->anchors, domains->n + 1, sizeof(*anchors));

	if (!anchors)
		return -ENOMEM;
	domains->anchors = anchors;
	anchors[domains->n++] = *anchor;
	return 0;
}

static int add_others(struct domains *domains, struct span der)
{
	struct der_item item;

	while (der.size && der_next(&der, &item) >= 0) {
		struct span *others =
			reallocarray(domains->others, domains->n_others + 1, sizeof(*others));

		if (!others)
			return -ENOMEM;
		domains->others = others;
		others[domains->n_others++] = item.whole;
	}
	return 0;
}

static int add_trusted(struct domains *domains, const struct conf_trustpoint *conf,
		       const struct ca_anchor_record *anchor)
{
	const struct domain_anchor one = {.trustpoint = conf};
	int r;

	if (!anchor)
		return 0;
	r = add_anchor(domains, &one);
	if (r < 0)
		return r;
	domains->anchors[domains->n - 1].certificate = span_of(anchor->certificate);
	return add_others(domains, span_of(anchor->others));
}

static int add_trustpoint(struct domains *domains, struct flow *flow,
			  const struct conf_trustpoint *conf, int64_t now_s)
{
	struct ca_trustpoint_state *states = reallocarray(domains->states, domains->n_states + 1,
							  sizeof(*states)),
				   *state;
	int r;

	if (!states)
		return -ENOMEM;
	domains->states = states;
	state = &states[domains->n_states];
	*state = (struct ca_trustpoint_state){};
	r = store_trustpoint_load(flow->store, conf->name, state);
	if (r)
		return r < 0 ? r : 0;
	domains->n_states++;
	r = add_trusted(domains, conf, ca_anchor_active(state, now_s));
	return r < 0 ? r : add_trusted(domains, conf, ca_anchor_next(state, now_s));
}

static int add_server(struct domains *domains, struct authority *authority, int64_t now_s)
{
	struct generations **sets = reallocarray(domains->generations, domains->n_generations + 1,
						 sizeof(struct generations *));
	struct generations *set;
	int r = 0;

	if (!sets)
		return -ENOMEM;
	domains->generations = sets;
	set = sets[domains->n_generations++] = authority_generations(authority);
	for (size_t i = 0; i < set->n && r >= 0; i++) {
		const struct domain_anchor one = {
			.certificate = set->items[i].certificate.whole,
			.server = authority,
			.generation_id = set->records[i].id,
		};

		if (ca_generation_phase(set->records, set->n, i, now_s) != CA_PHASE_GONE)
			r = add_anchor(domains, &one);
	}
	return r;
}

static int add_trustpoints(struct domains *domains, struct flow *flow, bool checking, int64_t now_s)
{
	const struct conf *conf = flow->conf;
	int r = 0;

	for (size_t i = 0; i < conf->n_trustpoints && r >= 0; i++)
		if ((conf->trustpoints[i].revocation_check != CONF_REVOCATION_CHECK_NONE) ==
		    checking)
			r = add_trustpoint(domains, flow, &conf->trustpoints[i], now_s);
	return r;
}

static int add_all(struct domains *domains, struct flow *flow, int64_t now_s)
{
	int r = 0;

	for (size_t i = 0; i < flow->conf->n_servers && r >= 0; i++)
		r = add_server(domains, &flow->authorities[i], now_s);
	if (r >= 0)
		r = add_trustpoints(domains, flow, true, now_s);
	return r < 0 ? r : add_trustpoints(domains, flow, false, now_s);
}

int domains_load(struct flow *flow, const char *trustpoint, int64_t now_s, struct domains *ret)
{
	const struct conf_trustpoint *conf =
		trustpoint ? conf_find_trustpoint(flow->conf, trustpoint) : NULL;
	int r;

	*ret = (struct domains){};
	if (trustpoint && !conf)
		return -ENOENT;
	r = conf ? add_trustpoint(ret, flow, conf, now_s) : add_all(ret, flow, now_s);
	if (r < 0)
		domains_done(ret);
	return r;
}

const struct domain_anchor *domains_find(const struct domains *domains, struct span certificate)
{
	for (size_t i = 0; i < domains->n; i++)
		if (span_equal(domains->anchors[i].certificate, certificate))
			return &domains->anchors[i];
	return NULL;
}
