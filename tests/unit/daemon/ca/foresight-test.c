/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/foresight.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY  INT64_C(86400)
#define HOUR INT64_C(3600)
#define NOW  INT64_C(1600000000)
#define END  (NOW + 100 * DAY)

static struct ca_generation_record generations[50];
static struct ca_server_record server;
static struct ca_plan_facts facts;

static int reset(void **state)
{
	(void)state;
	generations[0] = (struct ca_generation_record){
		.id = 7, .number = 1, .not_before_s = NOW, .not_after_s = END, .takes_over_s = NOW};
	ca_generation_settle(&generations[0], NOW);
	server = (struct ca_server_record){.enabled = true,
					   .crl_number = 1,
					   .crl_last_number = 1,
					   .crl_this_update_s = NOW,
					   .crl_next_update_s = NOW + 40 * DAY,
					   .crl_generation_id = 7};
	facts = (struct ca_plan_facts){.server = &server,
				       .generations = generations,
				       .n_generations = 1,
				       .policy = {.crl_lifetime_s = 40 * DAY,
						  .overlap_s = 30 * DAY,
						  .keep_retired_s = HOUR,
						  .archives = true,
						  .ca_lifetime_s = 100 * DAY}};
	return 0;
}

struct expected {
	enum ca_action action;
	int64_t when_s;
	unsigned generation;
};

static void expect(const struct expected *rows, size_t n, int64_t until_s)
{
	struct ca_plan plans[200];
	size_t seen = ca_foresee(&facts, NOW, until_s, plans, ELEMENTS(plans));

	for (size_t i = 0; i < n && i < seen; i++) {
		assert_int_equal(plans[i].action, rows[i].action);
		assert_int_equal(plans[i].when_s, rows[i].when_s);
		assert_int_equal(plans[i].generation, rows[i].generation);
	}
	assert_int_equal(seen, n);
}

/* A subordinate's comes by its trustpoint: here nothing is due, and it is foreseen all the same. */
static void what_a_superior_gives_is_expected(void **state)
{
	struct ca_plan plans[200];
	size_t n, shadows = 0;

	(void)state;
	facts.policy.enrolls = true;
	facts.policy.ca_lifetime_s = 3650 * DAY;
	n = ca_plan_list(&facts, END - DAY, plans, ELEMENTS(plans));
	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(plans[i].action, CA_ACTION_MAKE_SHADOW);
	n = ca_foresee(&facts, NOW, END + 100 * DAY, plans, ELEMENTS(plans));
	for (size_t i = 0; i < n; i++)
		if (plans[i].action == CA_ACTION_MAKE_SHADOW)
			assert_int_equal(plans[i].when_s,
					 END - 30 * DAY + (int64_t)shadows++ * 100 * DAY);
	assert_int_equal(shadows, 2);
}

static void an_ra_looks_after_no_key(void **state)
{
	struct ca_plan plans[200];
	size_t n;

	(void)state;
	facts.policy.enrolls = facts.policy.is_ra = true;
	generations[0].archived_s = generations[0].relabelled_s = 0;
	generations[1] = generations[0];
	generations[1].number = 2;
	generations[1].takes_over_s = generations[1].not_before_s = END;
	generations[1].not_after_s = END + 100 * DAY;
	generations[1].changed_over_s = 0;
	facts.n_generations = 2;
	server.rollover_wish_s = NOW + DAY;
	n = ca_foresee(&facts, NOW, END + 90 * DAY, plans, ELEMENTS(plans));
	assert_int_equal(n, 1);
	assert_int_equal(plans[0].action, CA_ACTION_CHANGE_OVER);
}

static void a_whole_succession(void **state)
{
	static const struct expected rows[] = {
		{CA_ACTION_EXPIRE_REQUESTS, NOW + DAY, 0},
		{CA_ACTION_EXPIRE_PASSWORD, NOW + 2 * DAY, 0},
		{CA_ACTION_SIGN_CRL, NOW + 20 * DAY, 1},
		{CA_ACTION_SIGN_CRL, NOW + 40 * DAY, 1},
		{CA_ACTION_SIGN_CRL, NOW + 60 * DAY, 1},
		{CA_ACTION_MAKE_SHADOW, END - 30 * DAY, 2},
		{CA_ACTION_ARCHIVE_SHADOW, END - 30 * DAY, 2},
		{CA_ACTION_OFFER_SHADOW, END - 30 * DAY, 2},
		{CA_ACTION_SIGN_CRL_AHEAD, END - 30 * DAY, 2},
		{CA_ACTION_SIGN_CRL, NOW + 80 * DAY, 1},
		{CA_ACTION_SIGN_CRL_AHEAD, NOW + 80 * DAY, 2},
		{CA_ACTION_CHANGE_OVER, END, 2},
		{CA_ACTION_RELABEL_KEY, END, 2},
		{CA_ACTION_DESTROY_KEY, END + HOUR, 1},
		{CA_ACTION_SIGN_CRL, END + 20 * DAY, 2},
	};

	(void)state;
	facts.first_request_expiry_s = NOW + DAY;
	facts.first_password_expiry_s = NOW + 2 * DAY;
	expect(rows, ELEMENTS(rows), END + 30 * DAY);
	assert_int_equal(ca_foresight_until(&facts, NOW), END + HOUR + DAY);
	expect(rows, ELEMENTS(rows) - 1, ca_foresight_until(&facts, NOW));
}

static void without_a_successor_the_end(void **state)
{
	static const struct expected rows[] = {
		{CA_ACTION_SIGN_CRL, NOW + 20 * DAY, 1},
		{CA_ACTION_SIGN_CRL, NOW + 40 * DAY, 1},
		{CA_ACTION_SIGN_CRL, NOW + 60 * DAY, 1},
		{CA_ACTION_SIGN_CRL, NOW + 80 * DAY, 1},
		{CA_ACTION_SIGN_CRL, END, 1},
	};

	(void)state;
	facts.policy.overlap_s = 0;
	expect(rows, ELEMENTS(rows) - 1, END - 1);
	server.enabled = false;
	expect((const struct expected[]){{CA_ACTION_EXPIRE_CERTIFICATE, END, 1}}, 1, END + DAY);
	assert_int_equal(ca_foresight_until(&facts, END + 1), END + 1 + 365 * DAY);
}

/* A series that was signed already is published at its times, on past the change-over. */
static void a_series_that_stands(void **state)
{
	static const struct expected rows[] = {
		{CA_ACTION_PUBLISH_CRL, NOW + 5 * DAY, 0},
		{CA_ACTION_PUBLISH_CRL, NOW + 25 * DAY, 0},
		{CA_ACTION_PUBLISH_CRL, NOW + 45 * DAY, 0},
		{CA_ACTION_PUBLISH_CRL, NOW + 60 * DAY, 0},
		{CA_ACTION_EXPIRE_CERTIFICATE, END, 1},
	};

	(void)state;
	facts.policy.overlap_s = 0;
	server.enabled = false;
	server.ahead_first_s = NOW + 5 * DAY;
	server.ahead_last_s = NOW + 60 * DAY;
	server.ahead_next_update_s = NOW + 100 * DAY;
	expect(rows, ELEMENTS(rows), END + DAY);
	/* Down for a while: of what is overdue the newest. */
	server.ahead_first_s = NOW - 20 * DAY;
	expect((const struct expected[]){{CA_ACTION_PUBLISH_CRL, NOW, 0},
					 {CA_ACTION_PUBLISH_CRL, NOW + 20 * DAY, 0}},
	       2, NOW + 30 * DAY);
}

static void an_own_crl_until_nothing_is_left(void **state)
{
	struct ca_plan plans[64];
	size_t n, own = 0;

	(void)state;
	generations[0].issued_until_s = NOW + 50 * DAY;
	generations[0].own_crl_number = 1;
	generations[0].own_crl_this_update_s = NOW;
	generations[0].own_crl_next_update_s = NOW + 40 * DAY;
	generations[1] = generations[0];
	generations[1].id = 8;
	generations[1].number = 2;
	generations[1].takes_over_s = NOW;
	generations[1].not_after_s = END + 50 * DAY;
	facts.n_generations = 2;
	server.crl_generation_id = 8;
	n = ca_foresee(&facts, NOW, END + DAY, plans, ELEMENTS(plans));
	for (size_t i = 0; i < n; i++) {
		own += plans[i].action == CA_ACTION_SIGN_OWN_CRL;
		if (plans[i].action == CA_ACTION_DESTROY_KEY)
			assert_int_equal(plans[i].when_s, END + 1);
	}
	assert_int_equal(own, 2);
}

/* Many generations and many years: only as many as asked for, in their order. */
static void it_is_bounded(void **state)
{
	struct ca_plan plans[100];
	unsigned changes = 0;
	size_t n;

	(void)state;
	assert_int_equal(ca_foresee(&facts, NOW, INT64_MAX, plans, 1), 1);
	n = ca_foresee(&facts, NOW, INT64_MAX, plans, ELEMENTS(plans));
	assert_int_equal(n, ELEMENTS(plans));
	for (size_t i = 1; i < n; i++) {
		assert_true(plans[i].when_s >= plans[i - 1].when_s);
		changes += plans[i].action == CA_ACTION_CHANGE_OVER;
	}
	assert_in_range(changes, 5, 10);
	for (unsigned i = 1; i < ELEMENTS(generations); i++) {
		generations[i] = generations[0];
		generations[i].number = i + 1;
		generations[i].id = 7 + i;
		generations[i].takes_over_s = NOW - DAY;
	}
	facts.n_generations = ELEMENTS(generations);
	assert_int_equal(ca_foresee(&facts, NOW, INT64_MAX, plans, ELEMENTS(plans)), n);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_a_superior_gives_is_expected, reset),
		cmocka_unit_test_setup(an_ra_looks_after_no_key, reset),
		cmocka_unit_test_setup(a_whole_succession, reset),
		cmocka_unit_test_setup(without_a_successor_the_end, reset),
		cmocka_unit_test_setup(a_series_that_stands, reset),
		cmocka_unit_test_setup(an_own_crl_until_nothing_is_left, reset),
		cmocka_unit_test_setup(it_is_bounded, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
