/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/crl.h"

/* By so much the clock may be set back, as it is now and then, and the newest CRL stays. */
#define SLACK_S 60

/* A CRL as it stands. */
struct standing {
	bool is_there;
	int64_t this_update_s, next_update_s;
	uint64_t revision;
};

static bool lacks_revocations(const struct ca_server_record *server)
{
	return server->crl_revision < server->revocation_revision;
}

static int64_t half_of(int64_t this_update_s, int64_t next_update_s)
{
	return this_update_s + (next_update_s - this_update_s) / 2;
}

/* What makes one due before half its life; true with the moment. */
static bool is_due_early(const struct standing *crl, uint64_t revision, int64_t now_s, int64_t *ret)
{
	*ret = now_s;
	if (!crl->is_there)
		return true;
	/* At once; those that follow within the second share the next. */
	if (crl->revision < revision) {
		*ret = crl->this_update_s == now_s ? now_s + 1 : now_s;
		return true;
	}
	/* Signed while the clock was wrong: nobody takes it before its thisUpdate, which may be
	 * years away. */
	return crl->this_update_s > now_s + SLACK_S;
}

/* Whether nobody who has the certificate of @active can verify the newest. That of a key which
 * waited for its certificate is older than that. */
static bool is_of_another(const struct ca_server_record *server,
			  const struct ca_generation_record *active)
{
	if (server->crl_generation_id)
		return server->crl_generation_id != active->id;
	return server->crl_this_update_s < active->takes_over_s;
}

int64_t ca_crl_due_s(const struct ca_server_record *server,
		     const struct ca_generation_record *active, int64_t now_s)
{
	const struct standing newest = {server->crl_number != 0, server->crl_this_update_s,
					server->crl_next_update_s, server->crl_revision};
	int64_t due_s, half_s = half_of(newest.this_update_s, newest.next_update_s);

	if (is_due_early(&newest, server->revocation_revision, now_s, &due_s))
		return is_of_another(server, active) ? now_s : due_s;
	/* Another follows it in time, without a signature. */
	if (server->ahead_first_s && server->ahead_first_s <= half_s)
		half_s = INT64_MAX;
	if (is_of_another(server, active))
		return active->takes_over_s < half_s ? active->takes_over_s : half_s;
	return half_s;
}

int64_t ca_crl_own_due_s(const struct ca_server_record *server,
			 const struct ca_generation_record *displaced, int64_t now_s)
{
	const struct standing own = {displaced->own_crl_number != 0,
				     displaced->own_crl_this_update_s,
				     displaced->own_crl_next_update_s, displaced->own_crl_revision};
	int64_t due_s;

	if (is_due_early(&own, server->revocation_revision, now_s, &due_s))
		return due_s;
	return half_of(own.this_update_s, own.next_update_s);
}

int64_t ca_crl_previous_s(const struct ca_server_record *server, int64_t now_s)
{
	return server->crl_this_update_s < now_s ? server->crl_this_update_s : now_s;
}

int64_t ca_crl_own_previous_s(const struct ca_generation_record *displaced, int64_t now_s)
{
	return displaced->own_crl_this_update_s < now_s ? displaced->own_crl_this_update_s : now_s;
}

/* The one after whose half the next begins. */
static struct ca_crl_times last_of(const struct ca_server_record *server)
{
	if (server->ahead_first_s)
		return (struct ca_crl_times){.this_update_s = server->ahead_last_s,
					     .next_update_s = server->ahead_next_update_s};
	return (struct ca_crl_times){.this_update_s = server->crl_this_update_s,
				     .next_update_s = server->crl_next_update_s};
}

static bool is_wished(const struct ca_server_record *server, const struct ca_crl_times *last,
		      int64_t now_s)
{
	return server->ahead_wish_s > now_s && last->next_update_s < server->ahead_wish_s;
}

/* When the next one begins; false where none is missing. */
static bool next_begins(const struct ca_plan_facts *facts, int64_t now_s, int64_t *ret)
{
	struct ca_crl_times last = last_of(facts->server);
	bool wished = is_wished(facts->server, &last, now_s);
	const struct ca_generation_record *shadow =
		ca_generation_shadow(facts->generations, facts->n_generations, now_s);

	*ret = half_of(last.this_update_s, last.next_update_s);
	if (!shadow || last.this_update_s >= shadow->takes_over_s)
		return wished;
	if (wished && *ret < shadow->takes_over_s)
		return true;
	*ret = shadow->takes_over_s;
	return wished || shadow->available_s;
}

bool ca_crl_ahead_next(const struct ca_plan_facts *facts, int64_t now_s, struct ca_crl_times *ret)
{
	const struct ca_server_record *server = facts->server;
	const struct ca_generation_record *active =
		ca_generation_active(facts->generations, facts->n_generations, now_s);
	const struct ca_generation_record *signer;
	int64_t begins_s;

	if (!active || lacks_revocations(server) || ca_crl_due_s(server, active, now_s) <= now_s ||
	    !next_begins(facts, now_s, &begins_s))
		return false;
	signer = ca_generation_active(facts->generations, facts->n_generations, begins_s);
	if (!signer || begins_s >= signer->not_after_s)
		return false;
	*ret = (struct ca_crl_times){begins_s, begins_s + facts->policy.crl_lifetime_s,
				     signer->number};
	return true;
}

int64_t ca_crl_ahead_count(int64_t until_s, int64_t life_s, int64_t now_s)
{
	int64_t step_s = life_s / 2, beyond_s = until_s - now_s - life_s;

	return beyond_s <= 0 ? 0 : (beyond_s + step_s - 1) / step_s;
}

static unsigned passed_percent(int64_t this_update_s, int64_t next_update_s, int64_t now_s)
{
	static const unsigned told[] = {100, 90, 75, 50};
	int64_t life_s = next_update_s - this_update_s;

	for (size_t i = 0; i < ELEMENTS(told); i++)
		if (now_s >= this_update_s + life_s * told[i] / 100)
			return told[i];
	return 0;
}

unsigned ca_crl_passed_percent(const struct ca_server_record *server, int64_t now_s)
{
	if (!server->crl_number)
		return 0;
	return passed_percent(server->crl_this_update_s, server->crl_next_update_s, now_s);
}

unsigned ca_crl_own_passed_percent(const struct ca_generation_record *displaced, int64_t now_s)
{
	if (!displaced->own_crl_number)
		return 0;
	return passed_percent(displaced->own_crl_this_update_s, displaced->own_crl_next_update_s,
			      now_s);
}

bool ca_crl_first_is_missing(const struct ca_plan_facts *facts, int64_t now_s)
{
	const struct ca_generation_record *shadow =
		ca_generation_shadow(facts->generations, facts->n_generations, now_s);

	return shadow && facts->server->enabled &&
	       now_s >= shadow->takes_over_s - CA_CRL_FIRST_WARNING_S &&
	       (!facts->server->ahead_first_s ||
		facts->server->ahead_last_s < shadow->takes_over_s);
}

const char *ca_crl_import_refusal(uint64_t newest, const struct ca_crl_import *crl, int64_t now_s)
{
	if (!crl->has_number)
		return "it has no CRL number of at most 63 bits (RFC 5280 §5.2.3)";
	if (crl->number <= newest)
		return "its number is not above that of the newest CRL here: it is an older one, "
		       "or the same";
	if (crl->this_update_s > now_s + SLACK_S)
		return "its thisUpdate lies in the future";
	if (crl->next_update_s <= crl->this_update_s)
		return "its nextUpdate is not after its thisUpdate";
	if (crl->next_update_s <= now_s)
		return "its nextUpdate has passed";
	return NULL;
}
