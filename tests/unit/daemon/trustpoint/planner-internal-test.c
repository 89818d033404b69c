/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Twenty years of a root, a CA below it, one below that and a router at the bottom, sixty times, by
 * the planners of all: whatever their lives and overlaps, at each step one generation is active in
 * each tier and the router's certificate is good up to the root.
 */
#include "daemon/ca/crl.h"
#include "daemon/ca/rollover.h"
#include "daemon/scep/client.h"
#include "daemon/trustpoint/enrollment.h"
#include "daemon/trustpoint/line.h"
#include "daemon/trustpoint/planner.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BIRTH  INT64_C(1500000000)
#define MINUTE INT64_C(60)
#define DAY    INT64_C(86400)
#define YEARS  20
#define LIVES  60
#define TIERS  4 /* the last is the router */
#define ROUTER (TIERS - 1)
#define MANY   512
#define LINE   24

struct generation_below {
	unsigned superior; /* number of the generation above that certified it */
	bool key_stands;
};

struct tier {
	struct tier *above; /* NULL for the root */
	int64_t away_until_s;
	struct ca_server_record server;
	struct ca_plan_policy policy;
	struct ca_generation_record generations[MANY];
	struct generation_below more[MANY];
	size_t n;
	int64_t issues_s; /* how long what it issues lasts */
	/* How it enrols; ids of anchors are the numbers of generations above. */
	struct trustpoint_policy enrolling;
	struct ca_trustpoint_state state;
	struct ca_anchor_record anchors[LINE];
	struct ca_identity_record identities[LINE];
	struct ca_enrollment_record enrollment;
	int64_t last_id;
};

struct world {
	uint64_t random;
	int64_t now_s;
	struct tier tiers[TIERS];
	unsigned successions, shadows, renewals;
};

static uint64_t draw(struct world *w, uint64_t from, uint64_t to)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return from + w->random % (to - from + 1);
}

static struct ca_plan_facts facts_of(const struct tier *t)
{
	return (struct ca_plan_facts){.server = &t->server,
				      .generations = t->generations,
				      .n_generations = t->n,
				      .policy = t->policy};
}

static const struct ca_generation_record *active_of(const struct tier *t, int64_t now_s)
{
	return ca_generation_active(t->generations, t->n, now_s);
}

static struct ca_generation_record *find(struct tier *t, unsigned number)
{
	assert_in_range(number, 1, t->n);
	return &t->generations[number - 1];
}

static struct ca_generation_record *add_generation(struct tier *t, int64_t from_s, int64_t until_s,
						   int64_t takes_over_s, unsigned superior)
{
	struct ca_generation_record *generation = &t->generations[t->n];

	assert_true(t->n < MANY);
	t->more[t->n] = (struct generation_below){superior, true};
	t->n++;
	*generation = (struct ca_generation_record){.id = (int64_t)t->n,
						    .number = (unsigned)t->n,
						    .not_before_s = from_s,
						    .not_after_s = until_s,
						    .takes_over_s = takes_over_s,
						    .archived_s = from_s};
	return generation;
}

/* What a server's own planner does. */

static void put_crl_in_force(const struct world *w, struct tier *t, int64_t this_update_s)
{
	t->server.crl_number++;
	t->server.crl_this_update_s = this_update_s;
	t->server.crl_next_update_s = this_update_s + t->policy.crl_lifetime_s;
	t->server.crl_generation_id = active_of(t, w->now_s)->id;
}

/* The shadow's first. */
static void sign_ahead(const struct world *w, struct tier *t)
{
	const struct ca_plan_facts facts = facts_of(t);
	struct ca_crl_times times;

	assert_true(ca_crl_ahead_next(&facts, w->now_s, &times));
	assert_int_equal(t->server.ahead_first_s, 0);
	t->server.ahead_first_s = t->server.ahead_last_s = times.this_update_s;
	t->server.ahead_next_update_s = times.next_update_s;
}

static void serve(struct world *w, struct tier *t, const struct ca_plan *plan)
{
	struct ca_generation_record *generation =
		plan->generation ? find(t, plan->generation) : &t->generations[0];
	struct ca_rollover_life life;

	switch (plan->action) {
	case CA_ACTION_CHANGE_OVER:
		generation->changed_over_s = w->now_s;
		w->successions++;
		break;
	case CA_ACTION_MAKE_SHADOW:
		assert_null(t->above);
		life = ca_rollover_life(active_of(t, w->now_s), t->policy.ca_lifetime_s, w->now_s);
		add_generation(t, life.not_before_s, life.not_after_s, life.not_before_s, 0);
		break;
	case CA_ACTION_OFFER_SHADOW:
		generation->available_s = w->now_s;
		break;
	case CA_ACTION_RELABEL_KEY:
		generation->relabelled_s = w->now_s;
		break;
	case CA_ACTION_DESTROY_KEY:
		assert_true(w->now_s > generation->not_after_s);
		assert_true(w->now_s > generation->issued_until_s);
		generation->destroyed_s = w->now_s;
		t->more[plan->generation - 1].key_stands = false;
		break;
	case CA_ACTION_SIGN_CRL:
		assert_true(t->more[plan->generation - 1].key_stands);
		t->server.ahead_first_s = 0;
		put_crl_in_force(w, t, w->now_s);
		break;
	case CA_ACTION_PUBLISH_CRL:
		put_crl_in_force(w, t, t->server.ahead_first_s);
		t->server.ahead_first_s = 0;
		break;
	case CA_ACTION_SIGN_CRL_AHEAD:
		sign_ahead(w, t);
		break;
	default:
		fail_msg("%s is not expected", ca_action_name(plan->action));
	}
}

/* What a trustpoint's does. */

static bool is_away(const struct world *w, const struct tier *t)
{
	return t->away_until_s > w->now_s;
}

static bool fail_to_ask(struct world *w, struct tier *t)
{
	if (!is_away(w, t->above))
		return false;
	t->state.record.failures++;
	t->state.record.failed_s = w->now_s;
	return true;
}

static struct ca_anchor_record *
add_anchor(struct tier *t, const struct ca_generation_record *generation, int64_t takes_over_s)
{
	struct ca_anchor_record *anchor = &t->anchors[t->state.n_anchors++];

	assert_true(t->state.n_anchors <= LINE);
	*anchor = (struct ca_anchor_record){.id = generation->number,
					    .not_before_s = generation->not_before_s,
					    .not_after_s = generation->not_after_s,
					    .takes_over_s = takes_over_s};
	return anchor;
}

static void ask_next_ca(struct world *w, struct tier *t)
{
	const struct ca_anchor_record *active = ca_anchor_active(&t->state, w->now_s);
	const struct ca_generation_record *shadow =
		ca_generation_shadow(t->above->generations, t->above->n, w->now_s);

	if (fail_to_ask(w, t))
		return;
	t->state.record.failures = 0;
	if (!shadow || !shadow->available_s) {
		t->state.record.next_ca_misses++;
		t->state.record.next_ca_missed_s = w->now_s;
		return;
	}
	t->state.record.next_ca_misses = 0;
	add_anchor(t, shadow, active->not_after_s);
}

/* As a server's request, granted by nobody's hand. */
static void begin(struct world *w, struct tier *t, int64_t anchor, enum ca_enrollment_kind kind)
{
	if (fail_to_ask(w, t))
		return;
	assert_int_equal(t->state.n_enrollments, 0);
	t->enrollment = (struct ca_enrollment_record){.id = ++t->last_id,
						      .usage = 1,
						      .kind = kind,
						      .state = CA_ENROLLMENT_MADE,
						      .anchor_id = anchor,
						      .created_s = w->now_s};
	t->enrollment.key.key_sha256[0] = (uint8_t)t->last_id;
	t->enrollment.key.key_sha256[1] = (uint8_t)(t->last_id >> 8);
	t->state.n_enrollments = 1;
	t->state.record.failures = 0;
}

static void install(struct world *w, struct tier *t, const struct ca_anchor_record *anchor,
		    struct ca_generation_record *issuer)
{
	int64_t from_s = issuer->not_before_s > w->now_s ? issuer->not_before_s : w->now_s;
	int64_t until_s = from_s + t->above->issues_s;
	const struct trustpoint_newcomer newcomer = {.usage = 1,
						     .kind = t->enrollment.kind,
						     .is_ca = t->enrolling.is_ca,
						     .anchor = anchor,
						     .not_before_s = from_s};
	struct ca_identity_record identity = {
		.id = ++t->last_id,
		.usage = 1,
		.anchor_id = anchor->id,
		.key = t->enrollment.key,
		.not_before_s = from_s,
		.not_after_s = until_s < issuer->not_after_s ? until_s : issuer->not_after_s,
		.takes_over_s = trustpoint_line_takes_over_s(&t->state, &newcomer, w->now_s),
		.jitter = (unsigned)draw(w, 0, 65535),
	};

	assert_true(t->state.n_identities < LINE);
	if (t->enrolling.serves)
		add_generation(t, identity.not_before_s, identity.not_after_s,
			       identity.takes_over_s, issuer->number);
	t->identities[t->state.n_identities++] = identity;
	if (issuer->issued_until_s < identity.not_after_s)
		issuer->issued_until_s = identity.not_after_s;
	*(t->enrollment.kind == CA_ENROLLMENT_SHADOW ? &w->shadows : &w->renewals) += 1;
	t->state.n_enrollments = 0;
}

/* The generation that is asked has its key and is in force, or is given out ahead. */
static void send(struct world *w, struct tier *t)
{
	const struct ca_anchor_record *anchor = ca_anchor_find(&t->state, t->enrollment.anchor_id);
	struct ca_generation_record *issuer = find(t->above, (unsigned)t->enrollment.anchor_id);
	const struct ca_generation_record *active = active_of(t->above, w->now_s);

	if (is_away(w, t->above)) {
		t->enrollment.tries++;
		t->enrollment.tried_s = w->now_s;
		return;
	}
	assert_non_null(anchor);
	assert_true(issuer == active || issuer->available_s);
	assert_true(issuer == active || issuer->takes_over_s > w->now_s);
	install(w, t, anchor, issuer);
}

static void forget(struct tier *t, const struct trustpoint_plan *plan)
{
	size_t i = 0;

	if (plan->usage) {
		while (t->identities[i].id != plan->id)
			i++;
		t->state.n_identities--;
		memmove(&t->identities[i], &t->identities[i + 1],
			(t->state.n_identities - i) * sizeof(t->identities[0]));
		return;
	}
	while (t->anchors[i].id != plan->id)
		i++;
	t->state.n_anchors--;
	memmove(&t->anchors[i], &t->anchors[i + 1],
		(t->state.n_anchors - i) * sizeof(t->anchors[0]));
}

static void change_over(struct world *w, struct tier *t, const struct trustpoint_plan *plan)
{
	for (size_t i = 0; plan->usage && i < t->state.n_identities; i++)
		if (t->identities[i].id == plan->id)
			t->identities[i].changed_over_s = w->now_s;
	for (size_t i = 0; !plan->usage && i < t->state.n_anchors; i++)
		if (t->anchors[i].id == plan->id)
			t->anchors[i].changed_over_s = w->now_s;
}

static void mark_key(struct world *w, struct tier *t, const struct trustpoint_plan *plan)
{
	assert_false(t->enrolling.serves);
	for (size_t i = 0; i < t->state.n_identities; i++) {
		if (t->identities[i].id != plan->id)
			continue;
		if (plan->action == TRUSTPOINT_ACTION_DESTROY_KEY)
			t->identities[i].key_destroyed_s = w->now_s;
		else
			t->identities[i].relabelled_s = w->now_s;
	}
}

static void enrol(struct world *w, struct tier *t, const struct trustpoint_plan *plan)
{
	switch (plan->action) {
	case TRUSTPOINT_ACTION_CHANGE_OVER:
		change_over(w, t, plan);
		break;
	case TRUSTPOINT_ACTION_SHADOW:
		if (plan->usage)
			begin(w, t, plan->id, CA_ENROLLMENT_SHADOW);
		else
			ask_next_ca(w, t);
		break;
	case TRUSTPOINT_ACTION_RENEW:
		begin(w, t, ca_anchor_active(&t->state, w->now_s)->id,
		      trustpoint_enrollment_kind_for(&t->state, plan->usage, w->now_s));
		break;
	case TRUSTPOINT_ACTION_SEND:
		send(w, t);
		break;
	case TRUSTPOINT_ACTION_FORGET:
		forget(t, plan);
		break;
	case TRUSTPOINT_ACTION_DESTROY_KEY:
	case TRUSTPOINT_ACTION_RELABEL_KEY:
		mark_key(w, t, plan);
		break;
	case TRUSTPOINT_ACTION_EXPIRE:
		fail_msg("a certificate ends before it has a successor");
		break;
	default:
		fail_msg("%s is not expected", trustpoint_action_name(plan->action));
	}
}

/* What is not due but comes first; INT64_MAX for nothing. True where something was done. */
static bool step(struct world *w, struct tier *t, int64_t *next_s)
{
	const struct ca_plan_facts server = facts_of(t);
	const struct trustpoint_facts client = {.state = &t->state, .policy = t->enrolling};
	struct ca_plan plan = t->issues_s ? ca_plan_next(&server, w->now_s) : (struct ca_plan){};
	struct trustpoint_plan own = {};

	if (plan.action && plan.when_s <= w->now_s) {
		serve(w, t, &plan);
		return true;
	}
	if (t->above && t->state.record.id)
		own = trustpoint_plan_next(&client, NULL, 0, w->now_s);
	if (own.action && own.when_s <= w->now_s) {
		enrol(w, t, &own);
		return true;
	}
	if (plan.action && plan.when_s < *next_s)
		*next_s = plan.when_s;
	if (own.action && own.when_s < *next_s)
		*next_s = own.when_s;
	return false;
}

/* All that is due, in all tiers; when the next thing is. */
static int64_t settle(struct world *w)
{
	int64_t next_s = INT64_MAX;
	unsigned acts = 0;

	for (size_t i = 0; i < TIERS; i++)
		if (step(w, &w->tiers[i], &next_s)) {
			assert_true(++acts < 1000);
			next_s = INT64_MAX;
			i = SIZE_MAX; /* what one does may be work for another */
		}
	return next_s;
}

/* The path of a certificate that @number of @t issued. */
static void check_path(const struct world *w, struct tier *t, unsigned number)
{
	for (; t; t = t->above) {
		const struct ca_generation_record *generation = find(t, number);

		assert_in_range(w->now_s, generation->not_before_s, generation->not_after_s);
		number = t->more[number - 1].superior;
	}
}

static void check(struct world *w)
{
	struct tier *router = &w->tiers[ROUTER];
	const struct ca_identity_record *leaf = ca_identity_active(&router->state, 1, w->now_s);

	for (size_t i = 0; i < ROUTER; i++) {
		const struct ca_generation_record *active = active_of(&w->tiers[i], w->now_s);

		assert_non_null(active);
		check_path(w, &w->tiers[i], active->number);
		assert_true(w->tiers[i].more[active->number - 1].key_stands);
	}
	assert_non_null(leaf);
	assert_in_range(w->now_s, leaf->not_before_s, leaf->not_after_s);
	check_path(w, router->above, (unsigned)leaf->anchor_id);
}

/* The first certificates, granted by hand at some time of the superior's life. */
static void found(struct world *w, struct tier *t)
{
	struct ca_generation_record *issuer;

	w->now_s += (int64_t)draw(w, 60, 20 * 86400);
	(void)settle(w);
	t->state = (struct ca_trustpoint_state){
		.record.id = 1,
		.record.capabilities = SCEP_CAN_NEXT_CA | SCEP_CAN_RENEWAL,
		.anchors = t->anchors,
		.identities = t->identities,
		.enrollments = &t->enrollment,
	};
	issuer = find(t->above, active_of(t->above, w->now_s)->number);
	add_anchor(t, issuer, w->now_s);
	(void)settle(w);
	assert_int_equal(t->state.n_identities, 1);
	if (t->enrolling.serves)
		ca_generation_settle(&t->generations[0], w->now_s);
}

/* Lives and overlaps shrink downward; what is asked is at most a third of a life. */
static void plan_life(struct world *w)
{
	int64_t life_s = (int64_t)draw(w, 1000, 4000) * DAY, overlap_s = life_s / 4;

	for (size_t i = 0; i < TIERS; i++) {
		struct tier *t = &w->tiers[i];

		t->above = i ? &w->tiers[i - 1] : NULL;
		t->server.enabled = true;
		t->policy = (struct ca_plan_policy){.crl_lifetime_s = 400 * DAY,
						    .overlap_s = overlap_s,
						    .keep_retired_s = 3600,
						    .ca_lifetime_s = life_s,
						    .enrolls = i != 0};
		t->enrolling = (struct trustpoint_policy){.by_scep = true,
							  .retry_count = 999,
							  .retry_period_s = MINUTE,
							  .serves = i != ROUTER,
							  .is_ca = i != ROUTER,
							  .is_wanted = true,
							  .percent = 80,
							  .overlap_s = overlap_s};
		life_s = life_s * (int64_t)draw(w, 25, 70) / 100;
		overlap_s =
			(overlap_s < life_s ? overlap_s : life_s) * (int64_t)draw(w, 20, 40) / 100;
		t->issues_s = i == ROUTER ? 0 : life_s;
	}
}

/* Nobody is away for longer than the overlap below him leaves room for. */
static void befall(struct world *w)
{
	struct tier *t = &w->tiers[draw(w, 0, ROUTER - 1)];
	int64_t room_s = w->tiers[ROUTER - 1].enrolling.overlap_s / 8;

	if (draw(w, 0, 9) == 0 && !is_away(w, t))
		t->away_until_s = w->now_s + (int64_t)draw(w, 60, (uint64_t)room_s);
}

static void live(struct world *w, bool undisturbed)
{
	int64_t next_s;

	plan_life(w);
	w->now_s = BIRTH;
	add_generation(&w->tiers[0], BIRTH, BIRTH + w->tiers[0].policy.ca_lifetime_s, BIRTH, 0);
	ca_generation_settle(&w->tiers[0].generations[0], BIRTH);
	for (size_t i = 1; i < TIERS; i++)
		found(w, &w->tiers[i]);
	while (w->now_s < BIRTH + YEARS * 365 * DAY) {
		next_s = settle(w);
		check(w);
		assert_true(next_s > w->now_s && next_s < INT64_MAX);
		w->now_s = next_s;
		if (!undisturbed)
			befall(w);
	}
}

static void twenty_years_of_three_tiers(void **state)
{
	static struct world world;
	unsigned successions = 0, shadows = 0, renewals = 0;

	(void)state;
	for (unsigned i = 0; i < LIVES; i++) {
		world = (struct world){.random = 88172645463325252u + i * 7919u};
		live(&world, i % 2);
		successions += world.successions;
		shadows += world.shadows;
		renewals += world.renewals;
	}
	print_message("%u successions, %u under the next CA, %u under the same\n", successions,
		      shadows, renewals);
	assert_true(successions > 10 * LIVES && shadows > LIVES && renewals > LIVES);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_years_of_three_tiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
