/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/planner.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY   INT64_C(86400)
#define HOUR  INT64_C(3600)
#define BIRTH INT64_C(1500000000)

static struct ca_generation_record generation(int64_t from_s, int64_t until_s)
{
	return (struct ca_generation_record){
		.number = 1,
		.not_before_s = from_s,
		.not_after_s = until_s,
		.takes_over_s = from_s,
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
	struct ca_plan_facts facts = {&server, &active, 0};
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
	const struct ca_plan_facts facts = {&server, &active, BIRTH + 84 * HOUR};
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
	struct ca_plan_facts facts = {&server, NULL, 0};

	(void)state;
	check_next(&facts, BIRTH, CA_ACTION_NONE, 0);
	facts.first_request_expiry_s = BIRTH + 5;
	check_next(&facts, BIRTH, CA_ACTION_EXPIRE_REQUESTS, BIRTH + 5);
	facts.active = &active;
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
	const struct ca_plan_facts facts = {&server, &active, 0};

	(void)state;
	check_next(&facts, BIRTH + 10 * DAY - 1, CA_ACTION_EXPIRE_CERTIFICATE, BIRTH + 10 * DAY);
	check_next(&facts, BIRTH + 10 * DAY, CA_ACTION_SIGN_CRL, BIRTH + 9 * DAY + 84 * HOUR);
	check_next(&facts, BIRTH + 10 * DAY + 1, CA_ACTION_NONE, 0);
}

static uint32_t below(uint32_t *chance, uint32_t limit)
{
	*chance = *chance * 1103515245 + 12345;
	return (*chance >> 8) % limit;
}

/* A server as it lives: acts on its plans, sometimes hours late. */
struct life {
	struct ca_server_record server;
	struct ca_generation_record generations[16];
	size_t n_generations;
	int64_t now_s;
	int64_t requests_end_s;
};

static const struct ca_generation_record *active_of(const struct life *life)
{
	return ca_generation_active(life->generations, life->n_generations, life->now_s);
}

static void act(struct life *life, const struct ca_plan *plan, int64_t crl_life_s)
{
	if (plan->action == CA_ACTION_EXPIRE_REQUESTS)
		life->requests_end_s = 0;
	if (plan->action != CA_ACTION_SIGN_CRL)
		return;
	life->server.crl_number++;
	life->server.crl_this_update_s = life->now_s;
	life->server.crl_next_update_s = life->now_s + crl_life_s;
	life->server.crl_revision = life->server.revocation_revision;
}

/* Does all that is due, each thing once; the plan must then lie ahead. */
static struct ca_plan settle(struct life *life, int64_t crl_life_s)
{
	for (unsigned i = 0; i < 8; i++) {
		const struct ca_plan_facts facts = {&life->server, active_of(life),
						    life->requests_end_s};
		struct ca_plan plan = ca_plan_next(&facts, life->now_s);

		if (plan.action == CA_ACTION_NONE || plan.when_s > life->now_s)
			return plan;
		act(life, &plan, crl_life_s);
	}
	fail_msg("something stays due for ever");
	return (struct ca_plan){};
}

static void check_invariants(const struct life *life, const struct ca_plan *next)
{
	const struct ca_generation_record *active = active_of(life);
	const struct ca_server_record *server = &life->server;
	int64_t half_s = server->crl_this_update_s +
			 (server->crl_next_update_s - server->crl_this_update_s) / 2;

	assert_non_null(active);
	assert_true(life->now_s <= active->not_after_s);
	/* Fresh, complete, of the active generation, and the next one no later than half its life.
	 */
	assert_true(server->crl_next_update_s > life->now_s);
	assert_int_equal(server->crl_revision, server->revocation_revision);
	assert_true(server->crl_this_update_s >= active->takes_over_s);
	assert_true(next->action != CA_ACTION_NONE);
	assert_true(next->when_s <= half_s);
	assert_true(next->when_s <= active->not_after_s);
}

static void roll_over(struct life *life)
{
	const struct ca_generation_record *last = &life->generations[life->n_generations - 1];
	struct ca_generation_record next;

	if (life->now_s < last->not_after_s - 30 * DAY ||
	    life->n_generations == ELEMENTS(life->generations))
		return;
	next = generation(last->not_after_s, last->not_after_s + 700 * DAY);
	next.number = last->number + 1;
	life->generations[life->n_generations++] = next;
}

static void twenty_years_keep_a_fresh_crl(void **state)
{
	uint32_t chance = 3;

	(void)state;
	for (unsigned n = 0; n < 20; n++) {
		int64_t crl_life_s = HOUR + below(&chance, 335) * HOUR + below(&chance, 2);
		struct life life = {
			.server = {.enabled = true},
			.generations = {generation(BIRTH, BIRTH + 700 * DAY)},
			.n_generations = 1,
			.now_s = BIRTH,
		};

		while (life.now_s < BIRTH + 20 * 365 * DAY) {
			struct ca_plan next = settle(&life, crl_life_s);
			int64_t gap_s = next.when_s - life.now_s;

			check_invariants(&life, &next);
			/* On to the plan, or to something that happens before it. */
			if (below(&chance, 4) == 0 && gap_s > 1) {
				life.now_s += 1 + below(&chance, (uint32_t)gap_s);
				life.server.revocation_revision += below(&chance, 3);
				life.requests_end_s = life.now_s + below(&chance, 1000000);
			} else {
				life.now_s = next.when_s;
			}
			roll_over(&life);
		}
		assert_true(life.n_generations >= 10);
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
		cmocka_unit_test(twenty_years_keep_a_fresh_crl),
		cmocka_unit_test(actions_have_the_names_of_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
