/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/crl.h"
#include "daemon/ca/rollover.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY  INT64_C(86400)
#define HOUR INT64_C(3600)
#define NOW  INT64_C(1600000000)
#define END  (NOW + 730 * DAY)

static struct ca_generation_record generations[4];
static struct ca_server_record server;
static struct ca_plan_facts facts;

static int reset(void **state)
{
	(void)state;
	memset(generations, 0, sizeof(generations));
	generations[0] = (struct ca_generation_record){
		.id = 1, .number = 1, .not_before_s = NOW, .not_after_s = END, .takes_over_s = NOW};
	ca_generation_settle(&generations[0], NOW);
	generations[1] = (struct ca_generation_record){.id = 2,
						       .number = 2,
						       .not_before_s = END,
						       .not_after_s = END + 730 * DAY,
						       .takes_over_s = END};
	server = (struct ca_server_record){.enabled = true,
					   .crl_number = 1,
					   .crl_this_update_s = NOW,
					   .crl_next_update_s = NOW + 168 * HOUR,
					   .crl_generation_id = 1};
	facts = (struct ca_plan_facts){.server = &server,
				       .generations = generations,
				       .n_generations = 1,
				       .policy = {.crl_lifetime_s = 168 * HOUR,
						  .overlap_s = 90 * DAY,
						  .keep_retired_s = HOUR,
						  .ca_lifetime_s = 730 * DAY}};
	return 0;
}

/* When it comes of this generation; INT64_MAX where it doesn't. */
static int64_t when(enum ca_action action, unsigned generation, int64_t now_s)
{
	struct ca_plan plans[32];
	size_t n = ca_plan_list(&facts, now_s, plans, ELEMENTS(plans));

	for (size_t i = 0; i < n; i++)
		if (plans[i].action == action && (!generation || plans[i].generation == generation))
			return plans[i].when_s;
	return INT64_MAX;
}

static void never(enum ca_action action, int64_t now_s)
{
	assert_true(when(action, 0, now_s) == INT64_MAX);
}

/* ROLL-02, ROLL-04, ROLL-05 */
static void the_timer_fires_the_overlap_before_the_end(void **state)
{
	static const struct {
		int64_t end_s, overlap_s, fires_s;
	} rows[] = {
		/* 8 Oct 2017 13:14:16 CET, 90 days: 10 Jul 2017 13:14:16 CET */
		{1507464856, 90 * DAY, 1499688856},
		/* 20 Jun 2008 00:49:26, 25 days: 26 May 2008 00:49:26 */
		{1213922966, 25 * DAY, 1211762966},
		/* the default */
		{1213922966, 30 * DAY, 1213922966 - 2592000},
		/* one that is longer than the whole life: at once */
		{1213922966, 731 * DAY, 1213922966 - 730 * DAY},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct ca_generation_record *active = &generations[0];

		active->not_after_s = rows[i].end_s;
		active->not_before_s = active->takes_over_s = rows[i].end_s - 730 * DAY;
		facts.policy.overlap_s = rows[i].overlap_s;
		assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, active->takes_over_s),
				 rows[i].fires_s);
		assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, rows[i].end_s - 1),
				 rows[i].fires_s);
	}
}

/* ROLL-03: 5 min 42.946 s after the creation, to the second below. */
static void timers_of_the_known_example(void **state)
{
	const int64_t now_s = NOW + 343;

	(void)state;
	facts.policy.crl_lifetime_s = 12 * HOUR; /* the next one at half of it */
	server.crl_next_update_s = NOW + 12 * HOUR;
	assert_int_equal(when(CA_ACTION_SIGN_CRL, 1, now_s) - now_s, 5 * HOUR + 54 * 60 + 17);
	assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, now_s) - now_s,
			 639 * DAY + 23 * HOUR + 54 * 60 + 17);
	assert_int_equal(when(CA_ACTION_EXPIRE_CERTIFICATE, 1, now_s) - now_s,
			 729 * DAY + 23 * HOUR + 54 * 60 + 17);
}

static void a_change_over_settles_after_it_was_recorded(void **state)
{
	static const struct {
		int64_t changed_over_s, now_s;
		bool settling;
	} rows[] = {
		{0, END, true},
		{0, END + DAY, true},
		{END, END, true},
		{END, END + 10, true},
		{END, END + 11, false},
		{END, END + DAY, false},
		/* The clock was set back since. */
		{END, END - DAY, true},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		generations[1].changed_over_s = rows[i].changed_over_s;
		assert_int_equal(ca_rollover_is_settling(&generations[1], rows[i].now_s),
				 rows[i].settling);
	}
}

static void by_hand_and_never(void **state)
{
	(void)state;
	facts.policy.overlap_s = 0;
	never(CA_ACTION_MAKE_SHADOW, END - 1);
	server.rollover_wish_s = NOW + 5;
	assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, NOW + 10), NOW + 5);
	/* The clock was set back since. */
	assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, NOW + 1), NOW + 1);
	/* Another took over since. */
	server.rollover_wish_s = NOW - 1;
	never(CA_ACTION_MAKE_SHADOW, NOW + 10);
	server.rollover_wish_s = NOW + 5;
	server.enabled = false;
	never(CA_ACTION_MAKE_SHADOW, NOW + 10);
	server.enabled = true;
	facts.n_generations = 2;
	never(CA_ACTION_MAKE_SHADOW, NOW + 10);
}

static void after_a_cancel_half_way_to_the_end(void **state)
{
	(void)state;
	server.rollover_cancelled_s = END - 60 * DAY;
	assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, END - 60 * DAY), END - 30 * DAY);
	/* One that was cancelled long before the overlap changes nothing. */
	server.rollover_cancelled_s = NOW + DAY;
	facts.policy.overlap_s = 30 * DAY;
	assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, NOW + DAY), END - 30 * DAY);
	/* Nor does that of the generation before, or a cancel without automatic rollover. */
	server.rollover_cancelled_s = NOW - 1;
	assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, NOW + DAY), END - 30 * DAY);
	facts.policy.overlap_s = 0;
	server.rollover_cancelled_s = END - 60 * DAY;
	never(CA_ACTION_MAKE_SHADOW, END - 1);
}

static void after_the_end_too(void **state)
{
	struct ca_rollover_life life = ca_rollover_life(&generations[0], 730 * DAY, END - DAY);

	(void)state;
	assert_int_equal(when(CA_ACTION_MAKE_SHADOW, 0, END + 100 * DAY), END - 90 * DAY);
	assert_int_equal(life.not_before_s, END);
	assert_int_equal(life.not_after_s, END + 730 * DAY);
	life = ca_rollover_life(&generations[0], 730 * DAY, END + 700 * DAY);
	assert_int_equal(life.not_before_s, END);
	life = ca_rollover_life(&generations[0], 730 * DAY, END + 730 * DAY);
	assert_int_equal(life.not_before_s, END + 730 * DAY);
	assert_int_equal(life.not_after_s, END + 1460 * DAY);
}

static void a_shadow_is_archived_then_given_out(void **state)
{
	int64_t now_s = END - 80 * DAY;

	(void)state;
	facts.n_generations = 2;
	facts.policy.archives = true;
	assert_int_equal(when(CA_ACTION_ARCHIVE_SHADOW, 2, now_s), now_s);
	never(CA_ACTION_OFFER_SHADOW, now_s);
	generations[1].archived_s = now_s;
	never(CA_ACTION_ARCHIVE_SHADOW, now_s);
	assert_int_equal(when(CA_ACTION_OFFER_SHADOW, 2, now_s), now_s);
	server.enabled = false;
	never(CA_ACTION_OFFER_SHADOW, now_s);
	server.enabled = true;
	generations[1].archived_s = 0;
	facts.policy.archives = false;
	assert_int_equal(when(CA_ACTION_OFFER_SHADOW, 2, now_s), now_s);
	generations[1].available_s = now_s;
	never(CA_ACTION_OFFER_SHADOW, now_s);
	/* It took over without: that is made good, but there is nothing to give out ahead. */
	generations[1].available_s = 0;
	facts.policy.archives = true;
	assert_int_equal(when(CA_ACTION_ARCHIVE_SHADOW, 2, END + DAY), END + DAY);
	never(CA_ACTION_OFFER_SHADOW, END + DAY);
}

static void a_shadow_is_not_given_out_before_its_backup(void **state)
{
	int64_t now_s = END - 80 * DAY;

	(void)state;
	facts.n_generations = 2;
	facts.policy.requires_backup = true;
	never(CA_ACTION_OFFER_SHADOW, now_s);
	generations[1].backed_up_s = now_s;
	assert_int_equal(when(CA_ACTION_OFFER_SHADOW, 2, now_s), now_s);
}

/* Also of a server that is stopped. */
static void the_change_over_at_its_very_second(void **state)
{
	(void)state;
	server.enabled = false;
	facts.n_generations = 2;
	generations[1].available_s = END - DAY;
	server.ahead_first_s = server.ahead_last_s = END;
	server.ahead_next_update_s = END + 168 * HOUR;
	assert_int_equal(when(CA_ACTION_CHANGE_OVER, 2, END - 1), END);
	assert_int_equal(ca_plan_next(&facts, END - 1).action, CA_ACTION_CHANGE_OVER);
	assert_int_equal(ca_plan_next(&facts, END).action, CA_ACTION_CHANGE_OVER);
	/* However late: before what is signed anew. */
	server.enabled = true;
	assert_int_equal(ca_plan_next(&facts, END + 100 * DAY).action, CA_ACTION_CHANGE_OVER);
	generations[1].changed_over_s = END;
	never(CA_ACTION_CHANGE_OVER, END);
	assert_int_equal(when(CA_ACTION_RELABEL_KEY, 2, END), END);
	generations[1].relabelled_s = END;
	never(CA_ACTION_RELABEL_KEY, END);
}

static void the_earliest_of_several_first(void **state)
{
	struct ca_plan plan;

	(void)state;
	facts.n_generations = 3;
	generations[2] = generations[1];
	generations[2].number = 3;
	generations[1].takes_over_s = END - 5;
	generations[2].takes_over_s = END - 10;
	plan = ca_plan_next(&facts, END);
	assert_int_equal(plan.action, CA_ACTION_CHANGE_OVER);
	assert_int_equal(plan.generation, 3);
	generations[2].takes_over_s = END;
	assert_int_equal(ca_plan_next(&facts, END).generation, 2);
}

static void an_old_key_goes_when_nothing_hangs_on_it(void **state)
{
	static const struct {
		int64_t keep_s, end_s, issued_until_s, certified_until_s, goes_s;
	} rows[] = {
		{HOUR, END, 0, END, END + HOUR},
		{HOUR, END, END, END, END + HOUR},
		{0, END, END, END, END + 1},
		{HOUR, END + DAY, 0, END + DAY, END + DAY + 1},
		{HOUR, END + DAY, END + 2 * DAY, END + DAY, END + 2 * DAY + 1},
		{10 * DAY, END + DAY, END + 2 * DAY, END + DAY, END + 10 * DAY},
		/* It was a shadow when `--now` came: its first certificate lasts longer. */
		{HOUR, END + DAY, END + 2 * DAY, END + 9 * DAY, END + 9 * DAY + 1},
	};

	(void)state;
	facts.n_generations = 2;
	generations[1].changed_over_s = END;
	server.enabled = false;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		facts.policy.keep_retired_s = rows[i].keep_s;
		generations[0].not_after_s = rows[i].end_s;
		generations[0].issued_until_s = rows[i].issued_until_s;
		generations[0].certified_until_s = rows[i].certified_until_s;
		never(CA_ACTION_DESTROY_KEY, END - 1);
		assert_int_equal(when(CA_ACTION_DESTROY_KEY, 1, END), rows[i].goes_s);
	}
	generations[1].changed_over_s = 0;
	never(CA_ACTION_DESTROY_KEY, END + 10 * DAY);
	generations[1].changed_over_s = END;
	generations[0].destroyed_s = END + 5;
	never(CA_ACTION_DESTROY_KEY, END + 10 * DAY);
}

/* FSM-09 */
static void the_status_goes_its_way(void **state)
{
	int64_t now_s = END - 91 * DAY;

	(void)state;
	assert_int_equal(ca_rollover_status(&facts, now_s), CA_ROLLOVER_NONE);
	server.rollover_wish_s = now_s;
	assert_int_equal(ca_rollover_status(&facts, now_s), CA_ROLLOVER_PENDING);
	server.rollover_wish_s = 0;
	assert_int_equal(ca_rollover_status(&facts, now_s + DAY), CA_ROLLOVER_PENDING);
	facts.n_generations = 2;
	assert_int_equal(ca_rollover_status(&facts, now_s), CA_ROLLOVER_PENDING);
	generations[1].available_s = now_s;
	assert_int_equal(ca_rollover_status(&facts, now_s), CA_ROLLOVER_AVAILABLE);
	assert_int_equal(ca_rollover_status(&facts, END - 1), CA_ROLLOVER_AVAILABLE);
	assert_int_equal(ca_rollover_status(&facts, END), CA_ROLLOVER_ACTIVE);
	generations[0].destroyed_s = END + HOUR;
	assert_int_equal(ca_rollover_status(&facts, END + HOUR), CA_ROLLOVER_NONE);
	assert_string_equal(ca_rollover_status_name(CA_ROLLOVER_NONE), "none");
	assert_string_equal(ca_rollover_status_name(CA_ROLLOVER_PENDING), "pending");
	assert_string_equal(ca_rollover_status_name(CA_ROLLOVER_AVAILABLE), "available");
	assert_string_equal(ca_rollover_status_name(CA_ROLLOVER_ACTIVE), "active");
}

/* Its first CRL begins as it takes over, and stands as soon as it is given out. */
static void the_shadows_first_crl(void **state)
{
	int64_t now_s = END - 80 * DAY;
	struct ca_crl_times times;

	(void)state;
	server.crl_this_update_s = now_s - HOUR;
	server.crl_next_update_s = now_s + 167 * HOUR;
	facts.n_generations = 2;
	never(CA_ACTION_SIGN_CRL_AHEAD, now_s);
	generations[1].available_s = now_s;
	assert_int_equal(when(CA_ACTION_SIGN_CRL_AHEAD, 2, now_s), now_s);
	assert_true(ca_crl_ahead_next(&facts, now_s, &times));
	assert_int_equal(times.this_update_s, END);
	assert_int_equal(times.next_update_s, END + 168 * HOUR);
	assert_int_equal(times.generation, 2);
	/* It stands; the active one's goes on being renewed. */
	server.ahead_first_s = server.ahead_last_s = END;
	server.ahead_next_update_s = END + 168 * HOUR;
	never(CA_ACTION_SIGN_CRL_AHEAD, now_s);
	assert_int_equal(when(CA_ACTION_SIGN_CRL, 1, now_s), now_s + 83 * HOUR);
	/* Not shortly before the end, when that one follows in time. */
	server.crl_this_update_s = END - HOUR;
	server.crl_next_update_s = END + 167 * HOUR;
	never(CA_ACTION_SIGN_CRL, END - 1);
}

/* Signed by whichever is active then; the first of the new one at its very second. */
static void a_series_goes_on_past_the_change_over(void **state)
{
	int64_t now_s = END - 10 * DAY, life_s = 7 * DAY;
	struct ca_crl_times times;
	unsigned n = 0;

	(void)state;
	facts.policy.crl_lifetime_s = life_s;
	facts.n_generations = 2;
	server.crl_this_update_s = now_s;
	server.crl_next_update_s = now_s + life_s;
	server.ahead_wish_s = END + 20 * DAY;
	while (ca_crl_ahead_next(&facts, now_s, &times)) {
		int64_t last_s = server.ahead_last_s ? server.ahead_last_s : now_s;

		assert_true(times.this_update_s > last_s);
		assert_true(times.this_update_s <= last_s + life_s / 2);
		assert_int_equal(times.generation, times.this_update_s < END ? 1 : 2);
		if (last_s < END && times.generation == 2)
			assert_int_equal(times.this_update_s, END);
		server.ahead_first_s =
			server.ahead_first_s ? server.ahead_first_s : times.this_update_s;
		server.ahead_last_s = times.this_update_s;
		server.ahead_next_update_s = times.next_update_s;
		assert_true(++n < 20);
	}
	assert_true(server.ahead_next_update_s >= server.ahead_wish_s);
	assert_int_equal(n, 7);
}

static void a_displaced_one_signs_its_own(void **state)
{
	int64_t now_s = NOW + 100 * DAY;
	struct ca_generation_record *old = &generations[0];

	(void)state;
	facts.n_generations = 2;
	generations[1].takes_over_s = generations[1].not_before_s = now_s;
	ca_generation_settle(&generations[1], now_s);
	server.crl_this_update_s = now_s;
	server.crl_next_update_s = now_s + 168 * HOUR;
	server.crl_generation_id = 2;
	old->issued_until_s = now_s + 10 * DAY;
	assert_int_equal(when(CA_ACTION_SIGN_OWN_CRL, 1, now_s), now_s);
	old->own_crl_number = 1;
	old->own_crl_this_update_s = now_s;
	old->own_crl_next_update_s = now_s + 168 * HOUR;
	assert_int_equal(when(CA_ACTION_SIGN_OWN_CRL, 1, now_s), now_s + 84 * HOUR);
	server.revocation_revision = server.crl_revision = 1;
	assert_int_equal(when(CA_ACTION_SIGN_OWN_CRL, 1, now_s), now_s + 1);
	assert_int_equal(when(CA_ACTION_SIGN_OWN_CRL, 1, now_s + 5), now_s + 5);
	old->own_crl_revision = 1;
	/* Nobody asks any more by the time it would be due, or there is nothing left. */
	old->issued_until_s = now_s + 83 * HOUR;
	never(CA_ACTION_SIGN_OWN_CRL, now_s);
	old->issued_until_s = 0;
	never(CA_ACTION_SIGN_OWN_CRL, now_s);
	/* One that ended when the other took over never does. */
	old->issued_until_s = now_s;
	old->not_after_s = now_s;
	never(CA_ACTION_SIGN_OWN_CRL, now_s);
}

/* A CRL of the same second, by the key that another takes over from. */
static void the_new_one_signs_at_once(void **state)
{
	int64_t now_s = NOW + DAY;

	(void)state;
	facts.n_generations = 2;
	generations[1].takes_over_s = generations[1].not_before_s = now_s;
	server.crl_this_update_s = now_s;
	server.crl_next_update_s = now_s + 168 * HOUR;
	assert_int_equal(when(CA_ACTION_SIGN_CRL, 2, now_s), now_s);
	server.crl_generation_id = 2;
	assert_int_equal(when(CA_ACTION_SIGN_CRL, 2, now_s), now_s + 84 * HOUR);
}

/* What failed of one generation keeps no other waiting. */
static void what_failed_is_told_apart_by_generation(void **state)
{
	struct ca_plan_set failed = {};
	struct ca_plan plan;

	(void)state;
	facts.n_generations = 3;
	generations[1].takes_over_s = NOW + 1;
	generations[2] = generations[1];
	generations[2].number = 3;
	plan = ca_plan_next_except(&facts, &failed, NOW + 2);
	assert_int_equal(plan.generation, 2);
	ca_plan_set_add(&failed, &plan);
	plan = ca_plan_next_except(&facts, &failed, NOW + 2);
	assert_int_equal(plan.action, CA_ACTION_CHANGE_OVER);
	assert_int_equal(plan.generation, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_timer_fires_the_overlap_before_the_end, reset),
		cmocka_unit_test_setup(timers_of_the_known_example, reset),
		cmocka_unit_test_setup(a_change_over_settles_after_it_was_recorded, reset),
		cmocka_unit_test_setup(by_hand_and_never, reset),
		cmocka_unit_test_setup(after_a_cancel_half_way_to_the_end, reset),
		cmocka_unit_test_setup(after_the_end_too, reset),
		cmocka_unit_test_setup(a_shadow_is_archived_then_given_out, reset),
		cmocka_unit_test_setup(a_shadow_is_not_given_out_before_its_backup, reset),
		cmocka_unit_test_setup(the_change_over_at_its_very_second, reset),
		cmocka_unit_test_setup(the_earliest_of_several_first, reset),
		cmocka_unit_test_setup(an_old_key_goes_when_nothing_hangs_on_it, reset),
		cmocka_unit_test_setup(the_status_goes_its_way, reset),
		cmocka_unit_test_setup(the_shadows_first_crl, reset),
		cmocka_unit_test_setup(a_series_goes_on_past_the_change_over, reset),
		cmocka_unit_test_setup(a_displaced_one_signs_its_own, reset),
		cmocka_unit_test_setup(the_new_one_signs_at_once, reset),
		cmocka_unit_test_setup(what_failed_is_told_apart_by_generation, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
