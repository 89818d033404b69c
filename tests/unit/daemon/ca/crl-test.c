/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/crl.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HOUR INT64_C(3600)
#define NOW  INT64_C(1700000000)

static const struct ca_generation_record active = {
	.number = 1,
	.not_before_s = NOW - 1000 * HOUR,
	.not_after_s = NOW + 1000 * HOUR,
	.takes_over_s = NOW - 1000 * HOUR,
};

static struct ca_server_record with_crl(void)
{
	return (struct ca_server_record){
		.enabled = true,
		.crl_number = 5,
		.crl_this_update_s = NOW - HOUR,
		.crl_next_update_s = NOW + 167 * HOUR,
		.crl_revision = 3,
		.revocation_revision = 3,
	};
}

static void the_first_is_signed_at_once(void **state)
{
	const struct ca_server_record server = {.enabled = true};

	(void)state;
	assert_int_equal(ca_crl_due_s(&server, &active, NOW), NOW);
}

static void the_next_is_signed_at_half_its_life(void **state)
{
	struct ca_server_record server = with_crl();

	(void)state;
	assert_int_equal(ca_crl_due_s(&server, &active, NOW), NOW + 83 * HOUR);
	assert_int_equal(ca_crl_due_s(&server, &active, NOW + 500 * HOUR), NOW + 83 * HOUR);
	/* Never later than half, also where half is no whole second. */
	server.crl_next_update_s = server.crl_this_update_s + 7;
	assert_int_equal(ca_crl_due_s(&server, &active, NOW), server.crl_this_update_s + 3);
}

static void a_revocation_brings_one_at_once(void **state)
{
	struct ca_server_record server = with_crl();

	(void)state;
	server.revocation_revision = 4;
	assert_int_equal(ca_crl_due_s(&server, &active, NOW), NOW);
	server.crl_revision = 4;
	assert_int_equal(ca_crl_due_s(&server, &active, NOW), NOW + 83 * HOUR);
}

static void a_generation_signs_its_own_when_it_takes_over(void **state)
{
	struct ca_generation_record next = active;
	const struct ca_server_record server = with_crl();

	(void)state;
	next.takes_over_s = NOW;
	assert_int_equal(ca_crl_due_s(&server, &next, NOW), NOW);
	next.takes_over_s = server.crl_this_update_s;
	assert_int_equal(ca_crl_due_s(&server, &next, NOW), NOW + 83 * HOUR);
	next.takes_over_s = NOW + 200 * HOUR;
	assert_int_equal(ca_crl_due_s(&server, &next, NOW + 300 * HOUR), NOW + 83 * HOUR);
}

/* A subordinate's, which its key signed while it waited for its certificate. */
static void one_of_its_own_key_may_be_older_than_it(void **state)
{
	struct ca_generation_record next = active;
	struct ca_server_record server = with_crl();

	(void)state;
	next.id = 7;
	next.takes_over_s = NOW;
	server.crl_generation_id = 7;
	assert_int_equal(ca_crl_due_s(&server, &next, NOW), NOW + 83 * HOUR);
	server.crl_generation_id = 6;
	assert_int_equal(ca_crl_due_s(&server, &next, NOW), NOW);
}

/* Else the relying parties would have none in force until the clock is there again. */
static void one_of_the_future_is_replaced(void **state)
{
	struct ca_server_record server = with_crl();

	(void)state;
	server.crl_this_update_s = NOW + 61;
	assert_int_equal(ca_crl_due_s(&server, &active, NOW), NOW);
	server.crl_this_update_s = NOW + 60;
	assert_int_equal(ca_crl_due_s(&server, &active, NOW),
			 (server.crl_this_update_s + server.crl_next_update_s) / 2);
}

/* A burst: the first gets its CRL at once, those of the same second share the next one's. */
static void one_crl_a_second(void **state)
{
	struct ca_server_record server = with_crl();

	(void)state;
	server.crl_this_update_s = NOW;
	server.revocation_revision = 4;
	assert_int_equal(ca_crl_due_s(&server, &active, NOW), NOW + 1);
	assert_int_equal(ca_crl_due_s(&server, &active, NOW + 1), NOW + 1);
	assert_int_equal(ca_crl_due_s(&server, &active, NOW + 5), NOW + 5);
}

/* What was signed while the clock was ahead must not drop what ends between now and then. */
static void entries_stay_when_the_clock_comes_back(void **state)
{
	struct ca_server_record server = with_crl();

	(void)state;
	assert_int_equal(ca_crl_previous_s(&server, NOW), server.crl_this_update_s);
	server.crl_this_update_s = NOW + 1000 * HOUR;
	assert_int_equal(ca_crl_previous_s(&server, NOW), NOW);
}

static void what_has_passed_is_told_in_steps(void **state)
{
	static const struct {
		int64_t per_mille;
		unsigned percent;
	} rows[] = {{0, 0},    {499, 0},  {500, 50}, {749, 50},	  {750, 75},
		    {899, 75}, {900, 90}, {999, 90}, {1000, 100}, {5000, 100}};
	const struct ca_server_record server = {
		.crl_number = 1, .crl_this_update_s = NOW, .crl_next_update_s = NOW + 1000};
	const struct ca_server_record none = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(ca_crl_passed_percent(&server, NOW + rows[i].per_mille),
				 rows[i].percent);
	assert_int_equal(ca_crl_passed_percent(&none, NOW), 0);
}

static void own_ones_are_told_of_alike(void **state)
{
	struct ca_generation_record displaced = {.own_crl_number = 3,
						 .own_crl_this_update_s = NOW,
						 .own_crl_next_update_s = NOW + 1000};

	(void)state;
	assert_int_equal(ca_crl_own_passed_percent(&displaced, NOW + 499), 0);
	assert_int_equal(ca_crl_own_passed_percent(&displaced, NOW + 500), 50);
	assert_int_equal(ca_crl_own_passed_percent(&displaced, NOW + 1000), 100);
	assert_int_equal(ca_crl_own_previous_s(&displaced, NOW + 5), NOW);
	assert_int_equal(ca_crl_own_previous_s(&displaced, NOW - 5), NOW - 5);
	displaced.own_crl_number = 0;
	assert_int_equal(ca_crl_own_passed_percent(&displaced, NOW + 1000), 0);
}

static void the_first_of_a_shadow_is_missed_shortly_before(void **state)
{
	const int64_t soon_s = NOW + CA_CRL_FIRST_WARNING_S;
	const struct ca_generation_record generations[] = {
		{.id = 1, .number = 1, .takes_over_s = 1, .not_after_s = soon_s},
		{.id = 2, .number = 2, .takes_over_s = soon_s, .not_after_s = soon_s * 2}};
	struct ca_server_record server = {.enabled = true, .crl_number = 1};
	struct ca_plan_facts facts = {
		.server = &server, .generations = generations, .n_generations = 2};

	(void)state;
	assert_false(ca_crl_first_is_missing(&facts, NOW - 1));
	assert_true(ca_crl_first_is_missing(&facts, NOW));
	assert_true(ca_crl_first_is_missing(&facts, soon_s - 1));
	assert_false(ca_crl_first_is_missing(&facts, soon_s));
	server.ahead_first_s = server.ahead_last_s = NOW + 10; /* of the active one */
	assert_true(ca_crl_first_is_missing(&facts, NOW));
	server.ahead_last_s = soon_s;
	assert_false(ca_crl_first_is_missing(&facts, NOW));
	server.ahead_first_s = server.ahead_last_s = 0;
	server.enabled = false;
	assert_false(ca_crl_first_is_missing(&facts, NOW));
	server.enabled = true;
	facts.n_generations = 1;
	assert_false(ca_crl_first_is_missing(&facts, NOW));
}

static void imported_ones_are_newer_and_in_force(void **state)
{
	const struct ca_crl_import good = {NOW - 10, NOW + 10, true, 10};
	struct ca_crl_import bad[] = {good, good, good, good, good, good};

	(void)state;
	assert_null(ca_crl_import_refusal(9, &good, NOW));
	bad[0].has_number = false;
	bad[1].number = 9;
	bad[2].number = 7;
	bad[3].this_update_s = NOW + 61;
	bad[3].next_update_s = NOW + 70;
	bad[4].next_update_s = NOW;
	bad[5].next_update_s = NOW - 10;
	for (size_t i = 0; i < ELEMENTS(bad); i++)
		assert_non_null(ca_crl_import_refusal(9, &bad[i], NOW));
}

/* A server as flow/ keeps it, walked through whatever happens to it; xorshift, so that a failure
 * comes again. */
#define LIFE	  (168 * HOUR)
#define AHEAD_MAX 64

static const struct ca_generation_record root = {
	.number = 1,
	.not_before_s = NOW,
	.not_after_s = NOW + 20 * 8766 * HOUR,
	.takes_over_s = NOW,
	.changed_over_s = NOW,
	.relabelled_s = NOW,
};

struct walk {
	struct ca_server_record server;
	struct ahead {
		uint64_t number;
		struct ca_crl_times times;
		uint64_t revision;
	} ahead[AHEAD_MAX];
	size_t n;
	int64_t now_s;
	uint64_t random;
	uint64_t published; /* the highest number so far */
};

static uint64_t draw(struct walk *walk, uint64_t below)
{
	walk->random ^= walk->random << 13;
	walk->random ^= walk->random >> 7;
	walk->random ^= walk->random << 17;
	return walk->random % below;
}

static void note_ahead(struct walk *walk)
{
	struct ca_server_record *server = &walk->server;
	const struct ahead *last = walk->n ? &walk->ahead[walk->n - 1] : NULL;

	server->ahead_first_s = walk->n ? walk->ahead[0].times.this_update_s : 0;
	server->ahead_last_s = last ? last->times.this_update_s : 0;
	server->ahead_next_update_s = last ? last->times.next_update_s : 0;
	server->ahead_revision = last ? last->revision : 0;
}

static void put_in_force(struct walk *walk, uint64_t number, struct ca_crl_times times,
			 uint64_t revision)
{
	struct ca_server_record *server = &walk->server;

	assert_true(number > walk->published);
	assert_true(times.this_update_s >= server->crl_this_update_s);
	assert_true(times.this_update_s <= walk->now_s);
	walk->published = server->crl_number = number;
	server->crl_this_update_s = times.this_update_s;
	server->crl_next_update_s = times.next_update_s;
	server->crl_revision = revision;
}

static void do_publish(struct walk *walk)
{
	size_t due = 0;

	while (due < walk->n && walk->ahead[due].times.this_update_s <= walk->now_s)
		due++;
	assert_true(due > 0);
	put_in_force(walk, walk->ahead[due - 1].number, walk->ahead[due - 1].times,
		     walk->ahead[due - 1].revision);
	memmove(walk->ahead, walk->ahead + due, (walk->n - due) * sizeof(walk->ahead[0]));
	walk->n -= due;
	note_ahead(walk);
}

static void do_sign(struct walk *walk)
{
	walk->n = 0;
	note_ahead(walk);
	put_in_force(walk, ++walk->server.crl_last_number,
		     (struct ca_crl_times){walk->now_s, walk->now_s + LIFE, 1},
		     walk->server.revocation_revision);
}

static bool ahead_next(const struct walk *walk, struct ca_crl_times *ret)
{
	const struct ca_plan_facts facts = {.server = &walk->server,
					    .generations = &root,
					    .n_generations = 1,
					    .policy = {.crl_lifetime_s = LIFE}};

	return ca_crl_ahead_next(&facts, walk->now_s, ret);
}

static void do_sign_ahead(struct walk *walk)
{
	struct ahead *next = &walk->ahead[walk->n];

	assert_true(walk->n < AHEAD_MAX);
	assert_true(ahead_next(walk, &next->times));
	assert_true(next->times.this_update_s > walk->now_s);
	next->number = ++walk->server.crl_last_number;
	next->revision = walk->server.revocation_revision;
	walk->n++;
	note_ahead(walk);
}

/* Everything that is due and can be done. */
static void settle(struct walk *walk, bool token)
{
	static void (*const acts[])(struct walk *) = {
		[CA_ACTION_PUBLISH_CRL] = do_publish,
		[CA_ACTION_SIGN_CRL] = do_sign,
		[CA_ACTION_SIGN_CRL_AHEAD] = do_sign_ahead,
	};
	const struct ca_plan_facts facts = {.server = &walk->server,
					    .generations = &root,
					    .n_generations = 1,
					    .policy = {.crl_lifetime_s = LIFE}};
	const struct ca_plan_set signing = {
		.items = {{.action = CA_ACTION_SIGN_CRL, .generation = 1},
			  {.action = CA_ACTION_SIGN_CRL_AHEAD, .generation = 1}},
		.n = 2};

	for (unsigned i = 0; i < 100; i++) {
		struct ca_plan plan =
			ca_plan_next_except(&facts, token ? NULL : &signing, walk->now_s);

		if (plan.when_s > walk->now_s || (size_t)plan.action >= ELEMENTS(acts) ||
		    !acts[plan.action])
			return;
		acts[plan.action](walk);
	}
	fail_msg("it never comes to rest");
}

static void assert_kept(const struct walk *walk, bool token)
{
	const struct ca_server_record *server = &walk->server;
	struct ca_crl_times times;

	/* The entries ahead follow each other without a gap, and their numbers too. */
	for (size_t i = 1; i < walk->n; i++) {
		assert_true(walk->ahead[i].number > walk->ahead[i - 1].number);
		assert_true(walk->ahead[i].times.this_update_s <
			    walk->ahead[i - 1].times.next_update_s);
	}
	if (!token)
		return;
	assert_true(server->crl_next_update_s > walk->now_s);
	assert_true(server->crl_revision == server->revocation_revision ||
		    server->crl_this_update_s == walk->now_s);
	if (server->crl_revision == server->revocation_revision)
		assert_false(ahead_next(walk, &times));
}

static void step_walk(struct walk *walk)
{
	bool token = draw(walk, 3) > 0;

	walk->now_s += (int64_t)draw(walk, 40) * HOUR + (int64_t)draw(walk, 2);
	if (draw(walk, 5) == 0)
		walk->server.revocation_revision += draw(walk, 100) + 1;
	if (draw(walk, 20) == 0 && token) {
		walk->server.ahead_wish_s = walk->now_s + (int64_t)draw(walk, 20) * LIFE;
		do_sign(walk);
	}
	settle(walk, token);
	assert_kept(walk, token);
}

static void series_on_random_timelines(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct walk walk = {.server = {.enabled = true},
				    .now_s = root.not_before_s,
				    .random = seed * UINT64_C(0x9e3779b97f4a7c15)};

		while (walk.now_s < root.not_after_s - 2 * LIFE)
			step_walk(&walk);
		assert_true(walk.published > 100);
	}
}

/* Nobody touches it: as long as the series was wished for there is a CRL in force. */
static void a_series_needs_no_token(void **state)
{
	struct walk walk = {.server = {.enabled = true}, .now_s = root.not_before_s, .random = 1};
	int64_t until_s = walk.now_s + 20 * LIFE;

	(void)state;
	walk.server.ahead_wish_s = until_s;
	settle(&walk, true);
	assert_int_equal(walk.n, ca_crl_ahead_count(until_s, LIFE, walk.now_s));
	walk.server.enabled = false;
	for (; walk.now_s < until_s; walk.now_s += 5 * HOUR) {
		settle(&walk, false);
		assert_true(walk.server.crl_next_update_s > walk.now_s);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_signed_at_once),
		cmocka_unit_test(the_next_is_signed_at_half_its_life),
		cmocka_unit_test(a_revocation_brings_one_at_once),
		cmocka_unit_test(a_generation_signs_its_own_when_it_takes_over),
		cmocka_unit_test(one_of_its_own_key_may_be_older_than_it),
		cmocka_unit_test(one_of_the_future_is_replaced),
		cmocka_unit_test(one_crl_a_second),
		cmocka_unit_test(entries_stay_when_the_clock_comes_back),
		cmocka_unit_test(what_has_passed_is_told_in_steps),
		cmocka_unit_test(own_ones_are_told_of_alike),
		cmocka_unit_test(the_first_of_a_shadow_is_missed_shortly_before),
		cmocka_unit_test(imported_ones_are_newer_and_in_force),
		cmocka_unit_test(series_on_random_timelines),
		cmocka_unit_test(a_series_needs_no_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
