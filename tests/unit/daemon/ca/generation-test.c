/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/generation.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY   INT64_C(86400)
#define BIRTH INT64_C(1500000000)

static struct ca_generation_record generation(unsigned number, int64_t takes_over_s)
{
	return (struct ca_generation_record){
		.id = number,
		.number = number,
		.not_before_s = takes_over_s,
		.not_after_s = takes_over_s + 1095 * DAY,
		.takes_over_s = takes_over_s,
	};
}

static void one_takes_over_at_its_very_second(void **state)
{
	const struct ca_generation_record both[] = {generation(1, BIRTH),
						    generation(2, BIRTH + 1000)};

	(void)state;
	assert_null(ca_generation_active(NULL, 0, BIRTH));
	assert_null(ca_generation_active(both, 2, BIRTH - 1));
	assert_ptr_equal(ca_generation_active(both, 2, BIRTH), &both[0]);
	assert_ptr_equal(ca_generation_active(both, 2, BIRTH + 999), &both[0]);
	assert_ptr_equal(ca_generation_active(both, 2, BIRTH + 1000), &both[1]);
	assert_ptr_equal(ca_generation_active(both, 2, BIRTH + 5000 * DAY), &both[1]);
}

static void phases_follow(void **state)
{
	struct ca_generation_record both[] = {generation(1, BIRTH), generation(2, BIRTH + 1000)};

	(void)state;
	assert_int_equal(ca_generation_phase(both, 2, 0, BIRTH - 1), CA_PHASE_SHADOW);
	assert_int_equal(ca_generation_phase(both, 2, 0, BIRTH), CA_PHASE_ACTIVE);
	assert_int_equal(ca_generation_phase(both, 2, 1, BIRTH), CA_PHASE_SHADOW);
	assert_int_equal(ca_generation_phase(both, 2, 0, BIRTH + 1000), CA_PHASE_RETIRED);
	assert_int_equal(ca_generation_phase(both, 2, 1, BIRTH + 1000), CA_PHASE_ACTIVE);
	both[0].destroyed_s = BIRTH + 2000;
	assert_int_equal(ca_generation_phase(both, 2, 0, BIRTH + 1999), CA_PHASE_RETIRED);
	assert_int_equal(ca_generation_phase(both, 2, 0, BIRTH + 2000), CA_PHASE_GONE);
}

static void the_order_of_records_does_not_count(void **state)
{
	const struct ca_generation_record turned[] = {generation(2, BIRTH), generation(1, BIRTH)};

	(void)state;
	assert_ptr_equal(ca_generation_active(turned, 2, BIRTH), &turned[0]);
	assert_int_equal(ca_generation_phase(turned, 2, 1, BIRTH), CA_PHASE_RETIRED);
}

static void a_cancelled_shadow_never_takes_over(void **state)
{
	struct ca_generation_record both[] = {generation(1, BIRTH), generation(2, BIRTH + 1000)};

	(void)state;
	both[1].destroyed_s = BIRTH + 500;
	assert_true(ca_generation_is_cancelled(&both[1]));
	assert_false(ca_generation_is_cancelled(&both[0]));
	assert_ptr_equal(ca_generation_active(both, 2, BIRTH + 2000), &both[0]);
	assert_int_equal(ca_generation_phase(both, 2, 1, BIRTH + 2000), CA_PHASE_GONE);
	/* Nor does a clock that is set back bring it back. */
	assert_int_equal(ca_generation_phase(both, 2, 1, BIRTH + 400), CA_PHASE_GONE);
	assert_null(ca_generation_shadow(both, 2, BIRTH + 400));
	assert_null(ca_generation_successor(both, 2, 0, BIRTH + 400));
}

static void none_comes_back_when_the_active_one_is_destroyed(void **state)
{
	struct ca_generation_record both[] = {generation(1, BIRTH), generation(2, BIRTH + 1000)};

	(void)state;
	both[1].destroyed_s = BIRTH + 3000;
	assert_false(ca_generation_is_cancelled(&both[1]));
	assert_ptr_equal(ca_generation_active(both, 2, BIRTH + 2999), &both[1]);
	assert_null(ca_generation_active(both, 2, BIRTH + 3000));
	assert_int_equal(ca_generation_phase(both, 2, 0, BIRTH + 3000), CA_PHASE_RETIRED);
}

static uint32_t below(uint32_t *chance, uint32_t limit)
{
	*chance = *chance * 1103515245 + 12345;
	return (*chance >> 8) % limit;
}

/* Twenty years of rollovers, a few days apart or years: at every instant after the first one took
 * over exactly one generation is active, and the active number never falls. */
static void twenty_years_keep_exactly_one_active(void **state)
{
	uint32_t chance = 7;

	(void)state;
	for (unsigned life = 0; life < 200; life++) {
		struct ca_generation_record line[12];
		int64_t at_s = BIRTH;
		unsigned last = 0;

		for (unsigned i = 0; i < ELEMENTS(line); i++) {
			line[i] = generation(i + 1, at_s);
			if (i && below(&chance, 8) == 0) /* a rollover that was cancelled */
				line[i].destroyed_s = at_s - 1 - below(&chance, 3600);
			else
				at_s += 1 + below(&chance, 1300 * 86400);
		}
		for (unsigned i = 0; i < 60; i++) {
			int64_t now_s = BIRTH + (int64_t)i * 122 * DAY + below(&chance, 86400);
			unsigned n_active = 0;

			for (unsigned k = 0; k < ELEMENTS(line); k++) {
				if (ca_generation_phase(line, ELEMENTS(line), k, now_s) !=
				    CA_PHASE_ACTIVE)
					continue;
				n_active++;
				assert_true(line[k].number >= last);
				last = line[k].number;
				assert_ptr_equal(ca_generation_active(line, ELEMENTS(line), now_s),
						 &line[k]);
			}
			assert_int_equal(n_active, 1);
		}
	}
}

static void key_usage_tells_who_opens_envelopes(void **state)
{
	(void)state;
	assert_int_equal(ca_key_usage(false), 0xa600);
	assert_int_equal(ca_key_usage(true), 0x8600);
}

static void phases_have_names(void **state)
{
	(void)state;
	assert_string_equal(ca_phase_name(CA_PHASE_SHADOW), "shadow");
	assert_string_equal(ca_phase_name(CA_PHASE_ACTIVE), "active");
	assert_string_equal(ca_phase_name(CA_PHASE_RETIRED), "retired");
	assert_string_equal(ca_phase_name(CA_PHASE_GONE), "gone");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_takes_over_at_its_very_second),
		cmocka_unit_test(phases_follow),
		cmocka_unit_test(the_order_of_records_does_not_count),
		cmocka_unit_test(a_cancelled_shadow_never_takes_over),
		cmocka_unit_test(none_comes_back_when_the_active_one_is_destroyed),
		cmocka_unit_test(twenty_years_keep_exactly_one_active),
		cmocka_unit_test(key_usage_tells_who_opens_envelopes),
		cmocka_unit_test(phases_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
