/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/exchange.h"
#include "daemon/ca/foresight.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define START INT64_C(1700000000)
#define DAY   INT64_C(86400)

static char hsm[] = "hsm", other[] = "other";

static struct ca_generation_record generation_of(unsigned number, int64_t from_s, int64_t until_s)
{
	return (struct ca_generation_record){
		.id = number,
		.number = number,
		.not_before_s = from_s,
		.not_after_s = until_s,
		.takes_over_s = from_s,
		.available_s = from_s,
		.changed_over_s = from_s,
		.relabelled_s = from_s,
	};
}

static struct ca_exchange_record exchange_of(int64_t id, int64_t generation, int64_t from_s,
					     int64_t until_s)
{
	return (struct ca_exchange_record){
		.id = id,
		.generation_id = generation,
		.key = {.token = hsm},
		.not_before_s = from_s,
		.not_after_s = until_s,
		.takes_over_s = from_s,
		.relabelled_s = from_s,
	};
}

/* A server a year into the life of its CA, which has a shadow; three keys speak for the two. */
static struct scene {
	struct ca_server_record server;
	struct ca_generation_record generations[2];
	struct ca_exchange_record exchanges[3];
	struct ca_plan_facts facts;
} scene;

static void set_scene(void)
{
	scene = (struct scene){
		.server = {.enabled = true,
			   .crl_number = 1,
			   .crl_this_update_s = START,
			   .crl_next_update_s = START + 1000 * DAY},
		.generations = {generation_of(1, START, START + 1000 * DAY),
				generation_of(2, START + 1000 * DAY, START + 2000 * DAY)},
		.exchanges = {exchange_of(1, 1, START, START + 400 * DAY),
			      exchange_of(2, 1, START + 300 * DAY, START + 700 * DAY),
			      exchange_of(3, 2, START + 1000 * DAY, START + 1400 * DAY)},
		.facts = {.policy = {.crl_lifetime_s = 1000 * DAY,
				     .keep_retired_s = DAY,
				     .ca_lifetime_s = 1000 * DAY,
				     .has_exchange = true,
				     .exchange_token = hsm,
				     .exchange_lifetime_s = 400 * DAY}},
	};
	scene.exchanges[1].relabelled_s = scene.exchanges[2].relabelled_s = 0;
	scene.facts.server = &scene.server;
	scene.facts.generations = scene.generations;
	scene.facts.n_generations = 2;
	scene.facts.exchanges = scene.exchanges;
	scene.facts.n_exchanges = 3;
}

static const struct ca_exchange_record *speaker(size_t generation, int64_t now_s)
{
	return ca_exchange_speaker(scene.exchanges, 3, &scene.generations[generation], now_s);
}

static void the_newest_whose_turn_has_come_speaks(void **state)
{
	(void)state;
	set_scene();
	assert_ptr_equal(speaker(0, START), &scene.exchanges[0]);
	assert_ptr_equal(speaker(0, START + 300 * DAY - 1), &scene.exchanges[0]);
	assert_ptr_equal(speaker(0, START + 300 * DAY), &scene.exchanges[1]);
	assert_ptr_equal(speaker(1, START), &scene.exchanges[2]); /* as it will be then */
	scene.exchanges[1].destroyed_s = START + 301 * DAY;
	assert_ptr_equal(speaker(0, START + 302 * DAY), &scene.exchanges[0]);
	scene.exchanges[0].destroyed_s = START + 301 * DAY;
	assert_null(speaker(0, START + 302 * DAY));
	/* Of two that took over at once the one that was made last. */
	set_scene();
	scene.exchanges[0].takes_over_s = scene.exchanges[1].takes_over_s;
	assert_ptr_equal(speaker(0, START + 300 * DAY), &scene.exchanges[1]);
}

static void one_opens_up_to_its_end(void **state)
{
	(void)state;
	set_scene();
	assert_true(ca_exchange_opens(&scene.exchanges[0], START + 400 * DAY));
	assert_false(ca_exchange_opens(&scene.exchanges[0], START + 400 * DAY + 1));
	assert_true(ca_exchange_opens(&scene.exchanges[2], START)); /* asked for the next CA */
	scene.exchanges[0].destroyed_s = START + 5;
	assert_false(ca_exchange_opens(&scene.exchanges[0], START + 6));
}

static void its_life_is_within_its_generations(void **state)
{
	struct ca_exchange_life life;

	(void)state;
	set_scene();
	life = ca_exchange_life(&scene.generations[0], 400 * DAY, START + DAY);
	assert_int_equal(life.not_before_s, START + DAY);
	assert_int_equal(life.not_after_s, START + 401 * DAY);
	life = ca_exchange_life(&scene.generations[0], 400 * DAY, START + 700 * DAY);
	assert_int_equal(life.not_after_s, START + 1000 * DAY);
	life = ca_exchange_life(&scene.generations[1], 400 * DAY, START + DAY);
	assert_int_equal(life.not_before_s, START + 1000 * DAY);
	assert_int_equal(life.not_after_s, START + 1400 * DAY);
}

/* -1: never. */
static int64_t renewal(const struct ca_exchange_record *of, size_t generation, const char *token,
		       int64_t now_s)
{
	int64_t when_s;

	return ca_exchange_renewal(of, &scene.generations[generation], token, now_s, &when_s)
		       ? when_s
		       : -1;
}

static void when_another_is_made(void **state)
{
	const int64_t now_s = START + 10 * DAY;
	struct ca_exchange_record last;

	(void)state;
	set_scene();
	last = exchange_of(9, 1, START + 700 * DAY, START + 1000 * DAY);
	assert_int_equal(renewal(NULL, 0, hsm, now_s), now_s);
	assert_int_equal(renewal(&scene.exchanges[0], 0, hsm, now_s), START + 300 * DAY);
	assert_int_equal(renewal(&scene.exchanges[0], 0, other, now_s), now_s);
	assert_int_equal(renewal(&scene.exchanges[0], 0, hsm, START + 401 * DAY),
			 START + 401 * DAY);
	assert_int_equal(renewal(&last, 0, hsm, START + 900 * DAY), -1);
	assert_int_equal(renewal(&scene.exchanges[2], 1, hsm, now_s), -1);
	assert_int_equal(renewal(NULL, 1, hsm, now_s), now_s);
	/* After an emergency: the one that was made for later does not serve yet. */
	scene.generations[1].takes_over_s = scene.generations[1].not_before_s = now_s;
	assert_int_equal(renewal(&scene.exchanges[2], 1, hsm, now_s), now_s);
}

/* The first plan of this action, or 0. */
static int64_t planned(enum ca_action action, int64_t now_s, struct ca_plan *ret)
{
	struct ca_plan plans[32];
	size_t n = ca_plan_list(&scene.facts, now_s, plans, 32);

	for (size_t i = 0; i < n; i++)
		if (plans[i].action == action) {
			*ret = plans[i];
			return plans[i].when_s;
		}
	*ret = (struct ca_plan){};
	return 0;
}

static void it_is_planned(void **state)
{
	struct ca_plan plan;

	(void)state;
	set_scene();
	scene.facts.n_exchanges = 1;
	assert_int_equal(planned(CA_ACTION_MAKE_EXCHANGE, START + DAY, &plan), START + DAY);
	assert_int_equal(plan.generation, 2); /* the shadow has none yet */
	scene.generations[1].available_s = 0;
	assert_int_equal(planned(CA_ACTION_OFFER_SHADOW, START + DAY, &plan), 0);
	scene.facts.n_generations = 1;
	assert_int_equal(planned(CA_ACTION_MAKE_EXCHANGE, START + DAY, &plan), START + 300 * DAY);
	scene.server.enabled = false;
	assert_int_equal(planned(CA_ACTION_MAKE_EXCHANGE, START + DAY, &plan), 0);
	set_scene();
	scene.facts.policy.exchange_token = NULL; /* an RA: its certificate comes from its CA */
	scene.facts.n_exchanges = 0;
	assert_int_equal(planned(CA_ACTION_MAKE_EXCHANGE, START + DAY, &plan), 0);
	scene.generations[1].available_s = 0;
	assert_int_equal(planned(CA_ACTION_OFFER_SHADOW, START + DAY, &plan), START + DAY);
}

static void a_lost_one_is_made_anew(void **state)
{
	const int64_t now_s = START + 10 * DAY;
	struct ca_plan plan;

	(void)state;
	set_scene();
	scene.facts.lost_exchange = 1;
	assert_int_equal(planned(CA_ACTION_MAKE_EXCHANGE, now_s, &plan), now_s);
	assert_int_equal(plan.generation, 1);
	/* The one that speaks stays until another does; then nobody waits for its end. */
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, now_s, &plan), 0);
	scene.exchanges[1].takes_over_s = scene.exchanges[1].not_before_s = now_s;
	assert_int_not_equal(planned(CA_ACTION_MAKE_EXCHANGE, now_s, &plan), now_s);
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, now_s, &plan), now_s);
	assert_int_equal(plan.exchange, 1);
	/* The next CA's, too; of a stopped server none. */
	scene.facts.lost_exchange = 3;
	assert_int_equal(planned(CA_ACTION_MAKE_EXCHANGE, now_s, &plan), now_s);
	assert_int_equal(plan.generation, 2);
	scene.server.enabled = false;
	assert_int_equal(planned(CA_ACTION_MAKE_EXCHANGE, now_s, &plan), 0);
}

static void the_label_is_free_before_it_is_taken(void **state)
{
	struct ca_plan plan;

	(void)state;
	set_scene();
	assert_int_equal(planned(CA_ACTION_RELABEL_EXCHANGE, START + 310 * DAY, &plan), 0);
	scene.exchanges[0].destroyed_s = START + 400 * DAY;
	assert_int_equal(planned(CA_ACTION_RELABEL_EXCHANGE, START + 410 * DAY, &plan),
			 START + 300 * DAY);
	assert_int_equal(plan.exchange, 2);
}

static void a_key_goes_when_nobody_envelopes_to_it(void **state)
{
	struct ca_plan plan;

	(void)state;
	set_scene();
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, START + 10 * DAY, &plan), 0);
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, START + 310 * DAY, &plan),
			 START + 400 * DAY + 1);
	assert_int_equal(plan.exchange, 1);
	scene.exchanges[0].destroyed_s = START + 401 * DAY;
	/* Nobody replaced it: it stays, whatever its certificate says. */
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, START + 800 * DAY, &plan), 0);
	/* The retired generation's tells a while that it was succeeded. */
	scene.exchanges[1].not_after_s = START + 1000 * DAY;
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, START + 1000 * DAY, &plan),
			 START + 1001 * DAY);
	scene.generations[1].changed_over_s = 0;
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, START + 1000 * DAY, &plan), 0);
	/* A cancelled one's goes at once. */
	set_scene();
	scene.generations[1].destroyed_s = START + 20 * DAY;
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, START + 20 * DAY, &plan),
			 START + 20 * DAY);
	assert_int_equal(plan.exchange, 3);
	/* ExchangeKey=ca again: what was enveloped to it is opened until it ends. */
	set_scene();
	scene.facts.policy.has_exchange = false;
	scene.facts.policy.exchange_token = NULL;
	assert_int_equal(planned(CA_ACTION_DESTROY_EXCHANGE, START + 10 * DAY, &plan),
			 START + 400 * DAY + 1);
}

/* Twenty years: at each moment one speaks for the active generation, and opens. */
static void a_life_is_never_without_one(void **state)
{
	static struct ca_plan plans[4096];
	unsigned made = 0, destroyed = 0, relabelled = 0;
	size_t n;

	(void)state;
	set_scene();
	scene.facts.n_generations = 1;
	scene.facts.n_exchanges = 0;
	scene.facts.policy.overlap_s = 100 * DAY;
	n = ca_foresee(&scene.facts, START, START + 7300 * DAY, plans, 4096);
	for (size_t i = 0; i < n; i++) {
		made += plans[i].action == CA_ACTION_MAKE_EXCHANGE;
		destroyed += plans[i].action == CA_ACTION_DESTROY_EXCHANGE;
		relabelled += plans[i].action == CA_ACTION_RELABEL_EXCHANGE;
		if (plans[i].action == CA_ACTION_OFFER_SHADOW)
			assert_int_equal(plans[i - 1].action, CA_ACTION_MAKE_EXCHANGE);
	}
	/* Three for each of eight generations (0, 300, 600 to the end), and those under way. */
	assert_in_range(made, 22, 27);
	assert_in_range(destroyed, made - 4, made - 1);
	assert_in_range(relabelled, made - 5, made - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_whose_turn_has_come_speaks),
		cmocka_unit_test(one_opens_up_to_its_end),
		cmocka_unit_test(its_life_is_within_its_generations),
		cmocka_unit_test(when_another_is_made),
		cmocka_unit_test(it_is_planned),
		cmocka_unit_test(a_lost_one_is_made_anew),
		cmocka_unit_test(the_label_is_free_before_it_is_taken),
		cmocka_unit_test(a_key_goes_when_nobody_envelopes_to_it),
		cmocka_unit_test(a_life_is_never_without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
