/* SPDX-License-Identifier: Apache-2.0 */
/* What there is that expires. */
#include "daemon/base/crypto.h"
#include "daemon/ca/exchange.h"
#include "daemon/conf/server-mode.h"
#include "daemon/flow/notice/notice.h"
#include "daemon/flow/server/server.h"
#include "daemon/ipc/keys.h"
#include "daemon/store/trustpoint.h"
#include <endian.h>
#include <string.h>

#define RENEWAL_S 86400 /* that one may take before somebody is told */

struct listing {
	struct flow *flow;
	int64_t now_s;
	notice_visit visit;
	void *context;
};

/* The same certificate under two names is told of twice; the same CRL number of two servers, too.
 */
static int identify(struct notice_thing *thing, struct span what)
{
	_cleanup_(buffer_done) struct buffer all = {};

	buffer_append_byte(&all, (uint8_t)thing->facts.kind);
	buffer_append(&all, SPAN(thing->name, strlen(thing->name) + 1));
	buffer_append(&all, what);
	if (!all.error)
		sha256(span_of_buffer(&all), thing->id);
	return all.error;
}

static int visit_certificate(const struct listing *listing, struct notice_thing *thing,
			     struct span der)
{
	struct x509_certificate certificate;
	int r;

	/* Whatever is recorded was read when it came. */
	if (x509_certificate_read(der, &certificate) < 0)
		return 0;
	thing->facts.from_s = certificate.not_before_s;
	thing->facts.until_s = certificate.not_after_s;
	thing->serial = certificate.serial;
	thing->issuer = certificate.issuer;
	thing->subject = certificate.subject;
	r = identify(thing, der);
	return r < 0 ? r : listing->visit(listing->context, thing);
}

static int visit_identity(const struct listing *listing, const struct ca_trustpoint_state *state,
			  int usage)
{
	const struct ca_identity_record *active = ca_identity_active(state, usage, listing->now_s);
	const struct ca_identity_record *next = ca_identity_next(state, usage, listing->now_s);
	struct notice_thing thing = {.name = state->record.name};

	if (!active)
		return 0;
	thing.facts.kind = CA_NOTICE_IDENTITY;
	thing.facts.covered = next && ca_follows_closely(next->takes_over_s, active->not_after_s);
	thing.facts.usage_keys = usage != KEY_USAGE_GENERAL;
	return visit_certificate(listing, &thing, span_of(active->certificate));
}

static int visit_anchor(const struct listing *listing, const struct ca_trustpoint_state *state)
{
	const struct ca_anchor_record *active = ca_anchor_active(state, listing->now_s);
	const struct ca_anchor_record *next = ca_anchor_next(state, listing->now_s);
	struct notice_thing thing = {.name = state->record.name};

	if (!active)
		return 0;
	thing.facts.kind = CA_NOTICE_ANCHOR;
	thing.facts.covered = next && ca_follows_closely(next->takes_over_s, active->not_after_s);
	for (size_t i = 0; i < state->n_identities; i++)
		if (state->identities[i].anchor_id == active->id)
			thing.facts.has_identity = true;
	return visit_certificate(listing, &thing, span_of(active->certificate));
}

/* A subordinate's identity is its CA certificate, of which is told as the server's. */
static bool is_of_ca(const struct listing *listing, const char *name)
{
	const struct conf_server *server = conf_find_server(listing->flow->conf, name);

	return server && conf_server_is_ca(server);
}

static int visit_trustpoint(const struct listing *listing, const char *name)
{
	static const int usages[] = {KEY_USAGE_GENERAL, KEY_USAGE_SIGNATURE, KEY_USAGE_ENCRYPTION};
	_cleanup_(ca_trustpoint_state_done) struct ca_trustpoint_state state = {};
	int r = store_trustpoint_load(listing->flow->store, name, &state);

	if (r)
		return r < 0 ? r : 0;
	for (size_t i = 0; !is_of_ca(listing, name) && i < ELEMENTS(usages) && r >= 0; i++)
		r = visit_identity(listing, &state, usages[i]);
	return r < 0 ? r : visit_anchor(listing, &state);
}

static int visit_crl(const struct listing *listing, const struct ca_server_record *record,
		     const struct generation *active)
{
	struct notice_thing thing = {.name = record->label, .issuer = active->certificate.subject};
	uint64_t number = htobe64(record->crl_number);
	int r;
	size_t zeros = record->crl_number ? (size_t)__builtin_clzll(record->crl_number) / 8 : 8;

	if (!record->crl_number)
		return 0;
	thing.facts = (struct ca_notice_facts){
		.kind = CA_NOTICE_CRL,
		.from_s = record->crl_this_update_s,
		.until_s = record->crl_next_update_s,
		.covered = record->ahead_next_update_s > record->crl_next_update_s,
	};
	thing.serial = SPAN((const uint8_t *)&number + zeros, sizeof(number) - zeros);
	r = identify(&thing, SPAN(&number, sizeof(number)));
	return r < 0 ? r : listing->visit(listing->context, &thing);
}

/* What speaks for the CA is renewed by itself, unless its token or the server is away then. */
static int visit_exchange(const struct listing *listing, const struct authority *authority,
			  const struct ca_plan_facts *plan, const struct generation *active)
{
	const struct ca_exchange_record *speaker = ca_exchange_speaker(
		plan->exchanges, plan->n_exchanges, active->record, listing->now_s);
	struct notice_thing thing = {.name = authority->conf->label};

	if (!plan->policy.exchange_token || !speaker)
		return 0;
	thing.facts.kind = CA_NOTICE_EXCHANGE;
	thing.facts.covered = speaker->not_after_s >= active->record->not_after_s;
	thing.facts.silent_until_s = ca_exchange_last_quarter(speaker) + RENEWAL_S;
	return visit_certificate(listing, &thing, span_of(speaker->certificate));
}

static int visit_server(const struct listing *listing, struct authority *authority)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	_cleanup_(generations_unrefp) struct generations *generations =
		authority_generations(authority);
	const struct generation *active = generations_active(generations, listing->now_s);
	struct notice_thing thing = {.name = authority->conf->label};
	struct ca_plan_facts facts;
	int r;

	/* An RA's is its trustpoint's anchor, of which is told as such. */
	if (!active || conf_server_is_ra(authority->conf))
		return 0;
	r = flow_server_facts(listing->flow, authority, generations, &record, &facts);
	if (r)
		return r < 0 ? r : 0;
	thing.facts.kind = CA_NOTICE_SERVER_CA;
	thing.facts.covered = generations_shadow(generations, listing->now_s) != NULL;
	r = visit_certificate(listing, &thing, active->certificate.whole);
	if (r >= 0)
		r = visit_exchange(listing, authority, &facts, active);
	return r < 0 ? r : visit_crl(listing, &record, active);
}

int notice_list(struct flow *flow, int64_t now_s, notice_visit visit, void *context)
{
	const struct listing listing = {flow, now_s, visit, context};
	int r = 0;

	for (size_t i = 0; i < flow->conf->n_trustpoints && r >= 0; i++)
		r = visit_trustpoint(&listing, flow->conf->trustpoints[i].name);
	for (size_t i = 0; i < flow->conf->n_servers && r >= 0; i++)
		r = visit_server(&listing, &flow->authorities[i]);
	return r;
}
