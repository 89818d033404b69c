/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/foresight.h"
#include "daemon/ca/crl.h"
#include "daemon/ca/rollover.h"

#define DAY_S INT64_C(86400)

/* A server as it will stand; texts and bytes are borrowed from the records that it was copied from.
 */
struct future {
	struct ca_server_record server;
	struct ca_generation_record generations[48];
	struct ca_exchange_record exchanges[64];
	struct ca_plan_facts facts;
	int64_t now_s;
};

/* Those of long ago, gone by then, make room. */
static struct ca_generation_record *add_generation(struct future *f)
{
	size_t n = f->facts.n_generations;

	if (n == ELEMENTS(f->generations)) {
		for (size_t i = 1; i < n; i++)
			f->generations[i - 1] = f->generations[i];
		n--;
	}
	f->facts.n_generations = n + 1;
	f->generations[n] = (struct ca_generation_record){};
	return &f->generations[n];
}

/* What comes from another CA is foreseen as if it came when it is due, and lasted as the one
 * before.
 */
static void expect_superior(struct future *f)
{
	const struct ca_generation_record *active =
		ca_generation_active(f->generations, f->facts.n_generations, f->now_s);

	if (!f->facts.policy.enrolls || f->facts.policy.is_ra || !active)
		return;
	f->facts.policy.enrolls = false;
	f->facts.policy.ca_lifetime_s = active->not_after_s - active->not_before_s;
}

/* Of several, those that were made first. */
static struct ca_exchange_record *add_exchange(struct future *f)
{
	size_t n = f->facts.n_exchanges;

	if (n == ELEMENTS(f->exchanges)) {
		for (size_t i = 1; i < n; i++)
			f->exchanges[i - 1] = f->exchanges[i];
		n--;
	}
	f->facts.n_exchanges = n + 1;
	f->exchanges[n] = (struct ca_exchange_record){};
	return &f->exchanges[n];
}

static void future_init(struct future *f, const struct ca_plan_facts *facts, int64_t now_s)
{
	*f = (struct future){.server = *facts->server, .facts = *facts, .now_s = now_s};
	f->facts.server = &f->server;
	f->facts.generations = f->generations;
	f->facts.n_generations = 0;
	for (size_t i = 0; i < facts->n_generations; i++)
		*add_generation(f) = facts->generations[i];
	expect_superior(f);
	f->facts.exchanges = f->exchanges;
	f->facts.n_exchanges = 0;
	for (size_t i = 0; i < facts->n_exchanges; i++)
		*add_exchange(f) = facts->exchanges[i];
}

static struct ca_generation_record *find(struct future *f, unsigned number)
{
	for (size_t i = 0; i < f->facts.n_generations; i++)
		if (f->generations[i].number == number)
			return &f->generations[i];
	return NULL;
}

static const struct ca_generation_record *active_of(const struct future *f, int64_t at_s)
{
	return ca_generation_active(f->generations, f->facts.n_generations, at_s);
}

static void drop_ahead(struct future *f)
{
	f->server.ahead_first_s = f->server.ahead_last_s = f->server.ahead_next_update_s = 0;
}

static void put_in_force(struct future *f, int64_t this_update_s, int64_t next_update_s)
{
	const struct ca_generation_record *signer = active_of(f, this_update_s);

	f->server.crl_number = ++f->server.crl_last_number;
	f->server.crl_this_update_s = this_update_s;
	f->server.crl_next_update_s = next_update_s;
	f->server.crl_generation_id = signer ? signer->id : 0;
}

static void sign_crl(struct future *f, struct ca_generation_record *generation)
{
	(void)generation;
	drop_ahead(f);
	put_in_force(f, f->now_s, f->now_s + f->facts.policy.crl_lifetime_s);
	f->server.crl_revision = f->server.revocation_revision;
}

static void sign_own_crl(struct future *f, struct ca_generation_record *generation)
{
	drop_ahead(f);
	generation->own_crl_number = ++f->server.crl_last_number;
	generation->own_crl_this_update_s = f->now_s;
	generation->own_crl_next_update_s = f->now_s + f->facts.policy.crl_lifetime_s;
	generation->own_crl_revision = f->server.revocation_revision;
}

static void sign_ahead(struct future *f, struct ca_generation_record *generation)
{
	struct ca_crl_times times;

	(void)generation;
	if (!ca_crl_ahead_next(&f->facts, f->now_s, &times))
		return;
	if (!f->server.ahead_first_s)
		f->server.ahead_first_s = times.this_update_s;
	f->server.ahead_last_s = times.this_update_s;
	f->server.ahead_next_update_s = times.next_update_s;
	f->server.ahead_revision = f->server.revocation_revision;
}

/* The one that follows @this_s of a series: at half its life, or as another generation takes over.
 * The records tell the first and the last alone. */
static int64_t next_of_series(const struct future *f, int64_t this_s, int64_t life_s)
{
	int64_t next_s = this_s + life_s / 2;

	for (size_t i = 0; i < f->facts.n_generations; i++) {
		int64_t turn_s = f->generations[i].takes_over_s;

		if (!f->generations[i].destroyed_s && turn_s > this_s && turn_s < next_s)
			next_s = turn_s;
	}
	return next_s < f->server.ahead_last_s ? next_s : f->server.ahead_last_s;
}

/* The newest of those whose time has come; what is left of the series waits. */
static void publish_ahead(struct future *f, struct ca_generation_record *generation)
{
	int64_t life_s = f->server.ahead_next_update_s - f->server.ahead_last_s;
	int64_t this_s = f->server.ahead_first_s, last_s = f->server.ahead_last_s, next_s;

	(void)generation;
	if (!this_s || this_s > f->now_s)
		return;
	next_s = this_s;
	while (next_s <= f->now_s && this_s < last_s) {
		this_s = next_s;
		next_s = next_of_series(f, this_s, life_s);
	}
	put_in_force(f, this_s, this_s + life_s);
	f->server.crl_revision = f->server.ahead_revision;
	f->server.ahead_first_s = next_s;
	if (this_s >= last_s)
		drop_ahead(f);
}

static void change_over(struct future *f, struct ca_generation_record *generation)
{
	generation->changed_over_s = f->now_s;
	publish_ahead(f, generation);
}

static void make_shadow(struct future *f, struct ca_generation_record *generation)
{
	const struct ca_generation_record *active = active_of(f, f->now_s);
	const struct ca_rollover_life life =
		ca_rollover_life(active, f->facts.policy.ca_lifetime_s, f->now_s);
	struct ca_generation_record *shadow;
	unsigned number = 0;
	int64_t id = 0;

	(void)generation;
	for (size_t i = 0; i < f->facts.n_generations; i++) {
		number = f->generations[i].number > number ? f->generations[i].number : number;
		id = f->generations[i].id > id ? f->generations[i].id : id;
	}
	shadow = add_generation(f);
	shadow->id = id + 1;
	shadow->number = number + 1;
	shadow->not_before_s = shadow->takes_over_s = life.not_before_s;
	shadow->not_after_s = life.not_after_s;
	f->server.rollover_wish_s = 0;
}

static void archive(struct future *f, struct ca_generation_record *generation)
{
	generation->archived_s = f->now_s;
}

static void offer(struct future *f, struct ca_generation_record *generation)
{
	generation->available_s = f->now_s;
}

static void relabel(struct future *f, struct ca_generation_record *generation)
{
	generation->relabelled_s = f->now_s;
}

static void destroy(struct future *f, struct ca_generation_record *generation)
{
	generation->destroyed_s = f->now_s;
}

static void make_exchange(struct future *f, struct ca_generation_record *generation)
{
	const struct ca_exchange_life life =
		ca_exchange_life(generation, f->facts.policy.exchange_lifetime_s, f->now_s);
	struct ca_exchange_record *exchange;
	int64_t id = 0;

	for (size_t i = 0; i < f->facts.n_exchanges; i++)
		id = f->exchanges[i].id > id ? f->exchanges[i].id : id;
	exchange = add_exchange(f);
	exchange->id = id + 1;
	exchange->generation_id = generation->id;
	exchange->key.token = (char *)f->facts.policy.exchange_token;
	exchange->not_before_s = exchange->takes_over_s = life.not_before_s;
	exchange->not_after_s = life.not_after_s;
	exchange->relabelled_s = id ? 0 : f->now_s;
}

static void relabel_exchange(struct future *f, struct ca_exchange_record *exchange)
{
	exchange->relabelled_s = f->now_s;
}

static void destroy_exchange(struct future *f, struct ca_exchange_record *exchange)
{
	exchange->destroyed_s = f->now_s;
}

static void end_requests(struct future *f, struct ca_generation_record *generation)
{
	(void)generation;
	f->facts.first_request_expiry_s = 0;
}

/* What the records say once it is done; nothing is recorded of the others. */
static void (*const effects[])(struct future *, struct ca_generation_record *) = {
	[CA_ACTION_CHANGE_OVER] = change_over,	 [CA_ACTION_PUBLISH_CRL] = publish_ahead,
	[CA_ACTION_SIGN_CRL] = sign_crl,	 [CA_ACTION_SIGN_CRL_AHEAD] = sign_ahead,
	[CA_ACTION_SIGN_OWN_CRL] = sign_own_crl, [CA_ACTION_MAKE_EXCHANGE] = make_exchange,
	[CA_ACTION_MAKE_SHADOW] = make_shadow,	 [CA_ACTION_ARCHIVE_SHADOW] = archive,
	[CA_ACTION_OFFER_SHADOW] = offer,	 [CA_ACTION_RELABEL_KEY] = relabel,
	[CA_ACTION_DESTROY_KEY] = destroy,	 [CA_ACTION_EXPIRE_REQUESTS] = end_requests,
	[CA_ACTION_EXPIRE_CERTIFICATE] = NULL,
};

static void (*const effects_on_exchanges[])(struct future *, struct ca_exchange_record *) = {
	[CA_ACTION_RELABEL_EXCHANGE] = relabel_exchange,
	[CA_ACTION_DESTROY_EXCHANGE] = destroy_exchange,
	[CA_ACTION_EXPIRE_CERTIFICATE] = NULL,
};

static void take_effect(struct future *f, const struct ca_plan *plan)
{
	assert((size_t)plan->action < ELEMENTS(effects));
	if (effects[plan->action])
		effects[plan->action](f, find(f, plan->generation));
	for (size_t i = 0; i < f->facts.n_exchanges; i++)
		if (effects_on_exchanges[plan->action] && f->exchanges[i].id == plan->exchange)
			effects_on_exchanges[plan->action](f, &f->exchanges[i]);
}

size_t ca_foresee(const struct ca_plan_facts *facts, int64_t now_s, int64_t until_s,
		  struct ca_plan *ret, size_t most)
{
	struct future f;
	size_t n = 0;

	future_init(&f, facts, now_s);
	while (n < most) {
		struct ca_plan plan = ca_plan_next(&f.facts, f.now_s);

		if (!plan.action || plan.when_s > until_s)
			break;
		if (plan.when_s > f.now_s)
			f.now_s = plan.when_s;
		take_effect(&f, &plan);
		/* The newest is the one that was just made. */
		if (plan.action == CA_ACTION_MAKE_SHADOW)
			plan.generation = f.generations[f.facts.n_generations - 1].number;
		plan.when_s = f.now_s;
		ret[n++] = plan;
	}
	return n;
}

int64_t ca_foresight_until(const struct ca_plan_facts *facts, int64_t now_s)
{
	const struct ca_generation_record *active =
		ca_generation_active(facts->generations, facts->n_generations, now_s);

	if (!active || active->not_after_s < now_s)
		return now_s + 365 * DAY_S;
	return active->not_after_s + facts->policy.keep_retired_s + DAY_S;
}
