/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/foresight.h"
#include "daemon/ca/planner.h"
#include "tests/unit/daemon/ca/planner-life.h"

#define BIRTH INT64_C(1500000000)

static struct ca_generation_record generation(int64_t from_s, int64_t until_s)
{
	return (struct ca_generation_record){
		.number = 1,
		.not_before_s = from_s,
		.not_after_s = until_s,
		.takes_over_s = from_s,
		.available_s = from_s,
		.changed_over_s = from_s,
		.relabelled_s = from_s,
	};
}

static struct ca_server_record server_with_crl(int64_t this_s, int64_t life_s)
{
	return (struct ca_server_record){
		.enabled = true,
		.crl_number = 1,
		.crl_this_update_s = this_s,
		.crl_next_update_s = this_s + life_s,
	};
}

static void check_next(const struct ca_plan_facts *facts, int64_t now_s, enum ca_action action,
		       int64_t when_s)
{
	struct ca_plan plan = ca_plan_next(facts, now_s);

	assert_int_equal(plan.action, action);
	assert_int_equal(plan.when_s, when_s);
}

static void the_earliest_comes_first(void **state)
{
	const struct ca_generation_record active = generation(BIRTH, BIRTH + 100 * DAY);
	const struct ca_server_record server = server_with_crl(BIRTH, 7 * DAY);
	struct ca_plan_facts facts = {
		.server = &server, .generations = &active, .n_generations = 1};
	struct ca_plan plans[5];

	(void)state;
	check_next(&facts, BIRTH, CA_ACTION_SIGN_CRL, BIRTH + 84 * HOUR);
	facts.first_request_expiry_s = BIRTH + 10;
	check_next(&facts, BIRTH, CA_ACTION_EXPIRE_REQUESTS, BIRTH + 10);

	assert_int_equal(ca_plan_list(&facts, BIRTH, plans, ELEMENTS(plans)), 3);
	assert_int_equal(plans[0].action, CA_ACTION_EXPIRE_REQUESTS);
	assert_int_equal(plans[0].when_s, BIRTH + 10);
	assert_int_equal(plans[1].action, CA_ACTION_SIGN_CRL);
	assert_int_equal(plans[1].when_s, BIRTH + 84 * HOUR);
	assert_int_equal(plans[2].action, CA_ACTION_EXPIRE_CERTIFICATE);
	assert_int_equal(plans[2].when_s, BIRTH + 100 * DAY);

	facts.first_request_expiry_s = BIRTH + 99 * DAY;
	assert_int_equal(ca_plan_list(&facts, BIRTH, plans, 2), 2);
	assert_int_equal(plans[0].action, CA_ACTION_SIGN_CRL);
	assert_int_equal(plans[1].action, CA_ACTION_EXPIRE_REQUESTS);
}

static void of_the_same_second_the_crl_goes_first(void **state)
{
	const struct ca_generation_record active = generation(BIRTH, BIRTH + 84 * HOUR);
	const struct ca_server_record server = server_with_crl(BIRTH, 7 * DAY);
	const struct ca_plan_facts facts = {.server = &server,
					    .generations = &active,
					    .n_generations = 1,
					    .first_request_expiry_s = BIRTH + 84 * HOUR};
	struct ca_plan plans[3];

	(void)state;
	assert_int_equal(ca_plan_list(&facts, BIRTH, plans, 3), 3);
	assert_int_equal(plans[0].action, CA_ACTION_SIGN_CRL);
	assert_int_equal(plans[1].action, CA_ACTION_EXPIRE_REQUESTS);
	assert_int_equal(plans[2].action, CA_ACTION_EXPIRE_CERTIFICATE);
}

static void a_server_without_a_certificate_or_stopped_signs_nothing(void **state)
{
	const struct ca_generation_record active = generation(BIRTH, BIRTH + 100 * DAY);
	struct ca_server_record server = {.enabled = true};
	struct ca_plan_facts facts = {.server = &server};

	(void)state;
	check_next(&facts, BIRTH, CA_ACTION_NONE, 0);
	facts.first_request_expiry_s = BIRTH + 5;
	check_next(&facts, BIRTH, CA_ACTION_EXPIRE_REQUESTS, BIRTH + 5);
	facts.generations = &active;
	facts.n_generations = 1;
	check_next(&facts, BIRTH, CA_ACTION_SIGN_CRL, BIRTH);
	server.enabled = false;
	check_next(&facts, BIRTH, CA_ACTION_EXPIRE_REQUESTS, BIRTH + 5);
	facts.first_request_expiry_s = 0;
	check_next(&facts, BIRTH, CA_ACTION_EXPIRE_CERTIFICATE, BIRTH + 100 * DAY);
}

static void the_certificates_end_is_never_overdue(void **state)
{
	const struct ca_generation_record active = generation(BIRTH, BIRTH + 10 * DAY);
	const struct ca_server_record server = server_with_crl(BIRTH + 9 * DAY, 7 * DAY);
	const struct ca_plan_facts facts = {
		.server = &server, .generations = &active, .n_generations = 1};

	(void)state;
	check_next(&facts, BIRTH + 10 * DAY - 1, CA_ACTION_EXPIRE_CERTIFICATE, BIRTH + 10 * DAY);
	check_next(&facts, BIRTH + 10 * DAY, CA_ACTION_SIGN_CRL, BIRTH + 9 * DAY + 84 * HOUR);
	check_next(&facts, BIRTH + 10 * DAY + 1, CA_ACTION_NONE, 0);
}

static unsigned count_active(const struct life *life)
{
	unsigned n = 0;

	for (size_t i = 0; i < life->n; i++)
		n += ca_generation_phase(life->generations, life->n, i, life->now_s) ==
		     CA_PHASE_ACTIVE;
	return n;
}

/* Every key that something may still be asked of is there. */
static void check_keys(const struct life *life)
{
	for (size_t i = 0; i < life->n; i++) {
		const struct ca_generation_record *generation = &life->generations[i];

		if (generation->destroyed_s)
			assert_false(life->key_stands[i]);
		else if (generation->issued_until_s >= life->now_s ||
			 generation->not_after_s >= life->now_s)
			assert_true(life->key_stands[i]);
	}
}

static void check_crl(const struct life *life, const struct life_crl *crl)
{
	assert_true(crl->number > 0);
	assert_true(crl->next_update_s > life->now_s);
	assert_true(crl->this_update_s <= life->now_s + 60);
	/* Those of one second share the next. */
	assert_true(crl->revision == life->server.revocation_revision ||
		    crl->this_update_s == life->now_s);
}

/* The active one's, and that of each which was displaced while its certificates are in force. */
static void check_crls(const struct life *life)
{
	const struct ca_server_record *server = &life->server;
	const struct life_crl newest = {server->crl_number, server->crl_this_update_s,
					server->crl_next_update_s, 0, server->crl_revision};

	check_crl(life, &newest);
	assert_int_equal(server->crl_generation_id, life_active(life, life->now_s)->id);
	for (size_t i = 0; i < life->n; i++) {
		const struct ca_generation_record *old = &life->generations[i];
		const struct life_crl own = {old->own_crl_number, old->own_crl_this_update_s,
					     old->own_crl_next_update_s, 0, old->own_crl_revision};

		if (old->takes_over_s <= life->now_s && !old->destroyed_s &&
		    old != life_active(life, life->now_s) && old->not_after_s > life->now_s &&
		    old->issued_until_s >= life->now_s)
			check_crl(life, &own);
	}
}

static bool is_in_force(const struct life *life)
{
	return life->now_s <= life_active(life, life->now_s)->not_after_s;
}

/* Its first CRL stood: it is in force from the very second on, token or no token. */
static void check_promise(const struct life *life)
{
	const struct ca_generation_record *active = life_active(life, life->now_s);

	if (life->promised != active->number)
		return;
	assert_int_equal(life->server.crl_generation_id, active->id);
	if (life->now_s < active->takes_over_s + life->policy.crl_lifetime_s)
		assert_true(life->server.crl_next_update_s > life->now_s);
}

/* What holds whenever all that can be done is done. */
static void check_invariants(struct life *life, const struct ca_plan *next)
{
	const struct ca_generation_record *shadow = life_shadow(life);

	assert_int_equal(count_active(life), 1);
	check_keys(life);
	assert_int_equal(life->public_active, life_active(life, life->now_s)->number);
	assert_int_equal(life->public_next, shadow && shadow->available_s ? shadow->number : 0);
	if (shadow && shadow->available_s)
		assert_true(shadow->archived_s || !life->policy.archives);
	check_promise(life);
	if (!life->token || !life->server.enabled)
		return;
	/* A generation that was made after the end takes over at once, or when the clock is there
	 * again. */
	assert_true(is_in_force(life) || shadow || life->policy.overlap_s == 0);
	if (is_in_force(life))
		check_crls(life);
	/* Nothing is left but what waits for the archive. */
	assert_true(!next->action || next->when_s > life->now_s || !life->archive);
	if (!shadow || !shadow->available_s || life->server.crl_this_update_s >= life->now_s)
		return;
	assert_true(life->server.ahead_last_s >= shadow->takes_over_s);
	life->promised = shadow->number;
}

/* A clock that is set back over an act which can't be undone is believed no more. */
static bool may_go_back(const struct life *life, int64_t to_s)
{
	for (size_t i = 0; i < life->n; i++)
		if (life->generations[i].destroyed_s > to_s)
			return false;
	return to_s > life->generations[0].takes_over_s;
}

static void go_back(struct life *life, int64_t by_s)
{
	if (may_go_back(life, life->now_s - by_s))
		life->now_s -= by_s;
	life->promised = 0;
	life_publish(life);
}

/* A clock that is wrong for a while. */
static void go_astray(struct life *life)
{
	int64_t by_s = (int64_t)life_draw(life, 10 * 86400);

	life->now_s += by_s;
	(void)life_settle(life);
	life_issue(life, 100 * DAY);
	go_back(life, by_s);
}

static void wish_by_hand(struct life *life)
{
	if (!life_shadow(life) && is_in_force(life))
		life->server.rollover_wish_s = life->now_s;
}

static void change_policy(struct life *life)
{
	static const int64_t overlaps_s[] = {0, DAY, 30 * DAY, 90 * DAY, 2000 * DAY};

	life->policy.overlap_s = overlaps_s[life_draw(life, ELEMENTS(overlaps_s))];
	life->policy.keep_retired_s = (int64_t)life_draw(life, 3) * HOUR;
}

static void wish_series(struct life *life)
{
	life->server.ahead_wish_s = life->now_s + (int64_t)life_draw(life, 20) * 7 * DAY;
}

static void token_goes(struct life *life)
{
	life->token = false;
}

static void archive_goes(struct life *life)
{
	life->archive = false;
}

static void stop(struct life *life)
{
	life->server.enabled = false;
}

static void now_and_then(struct life *life)
{
	if (life->n < LIFE_GENERATIONS / 2 && life_draw(life, 4) == 0)
		life_now(life);
}

/* Something happens, or nothing. */
static void befall(struct life *life)
{
	static void (*const events[])(struct life *) = {
		go_astray,    wish_by_hand, change_policy, wish_series,	 token_goes,
		archive_goes, stop,	    life_cancel,   now_and_then,
	};
	uint64_t which = life_draw(life, 60);

	if (life_draw(life, 8) == 0) {
		life->token = life->archive = life->server.enabled = true;
	} else if (which < ELEMENTS(events)) {
		events[which](life);
	} else if (which == 59) {
		go_back(life, (int64_t)life_draw(life, 3 * 3600));
	}
	if (life_draw(life, 10) == 0)
		life->server.revocation_revision++;
	if (life_draw(life, 10) == 0)
		life->requests_end_s = life->now_s + (int64_t)life_draw(life, 1000000);
	life_issue(life, (int64_t)life_draw(life, 365) * DAY);
}

/* On to the plan at its second, or to some moment before it, or far beyond while all is down. */
static void go_on(struct life *life, const struct ca_plan *next)
{
	int64_t gap_s =
		next->action && next->when_s > life->now_s ? next->when_s - life->now_s : 5 * DAY;
	uint64_t how = life_draw(life, 12);

	if (how == 0)
		life->now_s += (int64_t)life_draw(life, 40 * 86400);
	else if (how < 4)
		life->now_s += (int64_t)life_draw(life, (uint64_t)gap_s) + 1;
	else
		life->now_s += gap_s;
	life_publish(life);
}

static void begin(struct life *life, uint64_t seed)
{
	memset(life, 0, sizeof(*life));
	life->random = seed * UINT64_C(0x9e3779b97f4a7c15);
	life->now_s = BIRTH;
	life->token = life->archive = true;
	life->server.enabled = true;
	life->policy = (struct ca_plan_policy){
		.crl_lifetime_s = 4 * DAY + (int64_t)life_draw(life, 10 * 86400),
		.overlap_s = 30 * DAY,
		.keep_retired_s = HOUR,
		.archives = life_draw(life, 2),
		.ca_lifetime_s = 100 * DAY + (int64_t)life_draw(life, 900 * 86400),
	};
	life_add(life, BIRTH);
	ca_generation_settle(&life->generations[0], BIRTH);
	life_publish(life);
}

static void check_end(struct life *life)
{
	struct ca_plan next;

	life->token = life->archive = life->server.enabled = true;
	life->policy.overlap_s = 30 * DAY;
	next = life_settle(life);
	check_invariants(life, &next);
	assert_true(is_in_force(life));
	/* Of the retired none stays for ever. */
	life->now_s += life->policy.ca_lifetime_s * 2;
	(void)life_settle(life);
	for (size_t i = 0; i + 3 < life->n; i++)
		assert_true(life->generations[i].destroyed_s);
}

static void twenty_years_of_anything(void **state)
{
	static struct life life;
	unsigned change_overs = 0, crashes = 0, destroyed = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		begin(&life, seed);
		life.crashes_at_all = seed % 4 != 0;
		while (life.now_s < BIRTH + 20 * 365 * DAY) {
			struct ca_plan next = life_settle(&life);

			check_invariants(&life, &next);
			go_on(&life, &next);
			befall(&life);
		}
		check_end(&life);
		change_overs += life.change_overs;
		crashes += life.crashes;
		destroyed += life.destroyed;
	}
	assert_true(change_overs > 60 * 5);
	assert_true(destroyed > 60 * 5);
	assert_true(crashes > 1000);
}

/* Undisturbed: at each second that matters all is done, and foresight told it. */
static void an_undisturbed_life_is_as_foreseen(void **state)
{
	static struct life life;
	static struct ca_plan foreseen[5000];

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct ca_plan_facts facts;
		size_t n, done = 0;

		begin(&life, seed);
		facts = life_facts(&life);
		n = ca_foresee(&facts, BIRTH, BIRTH + 20 * 365 * DAY, foreseen, ELEMENTS(foreseen));
		assert_in_range(n, 1000, ELEMENTS(foreseen) - 1);
		while (done < n) {
			const struct ca_plan_facts now = life_facts(&life);
			struct ca_plan plan = ca_plan_next(&now, life.now_s);

			if (plan.when_s > life.now_s)
				life.now_s = plan.when_s;
			assert_int_equal(plan.action, foreseen[done].action);
			assert_int_equal(life.now_s, foreseen[done].when_s);
			assert_true(life_act(&life, &plan));
			assert_true(is_in_force(&life));
			if (plan.action == CA_ACTION_CHANGE_OVER)
				assert_int_equal(life.now_s,
						 life_active(&life, life.now_s)->takes_over_s);
			done++;
		}
	}
}

static void actions_have_the_names_of_timers(void **state)
{
	(void)state;
	assert_string_equal(ca_action_name(CA_ACTION_NONE), "");
	assert_string_equal(ca_action_name(CA_ACTION_SIGN_CRL), "CRL UPDATE");
	assert_string_equal(ca_action_name(CA_ACTION_EXPIRE_REQUESTS), "REQUEST CLEANUP");
	assert_string_equal(ca_action_name(CA_ACTION_EXPIRE_CERTIFICATE), "CERT EXPIRE");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earliest_comes_first),
		cmocka_unit_test(of_the_same_second_the_crl_goes_first),
		cmocka_unit_test(a_server_without_a_certificate_or_stopped_signs_nothing),
		cmocka_unit_test(the_certificates_end_is_never_overdue),
		cmocka_unit_test(twenty_years_of_anything),
		cmocka_unit_test(an_undisturbed_life_is_as_foreseen),
		cmocka_unit_test(actions_have_the_names_of_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
