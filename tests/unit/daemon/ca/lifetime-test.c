/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/lifetime.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DAY INT64_C(86400)
#define NOW INT64_C(1507464856)

static void lifetimes_are_exact_to_the_second(void **state)
{
	(void)state;
	assert_int_equal(ca_clamp_not_after(NOW, 365 * DAY, NOW + 1095 * DAY) - NOW, 31536000);
	assert_int_equal(ca_clamp_not_after(NOW, DAY, NOW + DAY + 1) - NOW, 86400);
}

static void no_certificate_outlives_its_ca(void **state)
{
	(void)state;
	assert_int_equal(ca_clamp_not_after(NOW, 365 * DAY, NOW + 10 * DAY), NOW + 10 * DAY);
	assert_int_equal(ca_clamp_not_after(NOW, 10 * DAY, NOW + 10 * DAY), NOW + 10 * DAY);
	assert_int_equal(ca_clamp_not_after(NOW, 10 * DAY + 1, NOW + 10 * DAY), NOW + 10 * DAY);
	assert_int_equal(ca_clamp_not_after(NOW, INT64_MAX, NOW + DAY), NOW + DAY);
}

static void jitter_only_shortens(void **state)
{
	static const struct {
		int64_t lifetime_s, most_s;
	} rows[] = {{0, 0},
		    {1, 0},
		    {49, 0},
		    {50, 1},
		    {3600, 72},
		    {DAY, 1728},
		    {50 * DAY - 1, DAY - 1},
		    {50 * DAY, DAY},
		    {365 * DAY, DAY},
		    {7305 * DAY, DAY}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		int64_t life_s = rows[i].lifetime_s, bound_s = rows[i].most_s;
		uint64_t n = (uint64_t)bound_s + 1;

		assert_int_equal(ca_jittered_lifetime(life_s, 0), life_s);
		assert_int_equal(ca_jittered_lifetime(life_s, (uint64_t)bound_s), life_s - bound_s);
		assert_int_equal(ca_jittered_lifetime(life_s, n), life_s);
		assert_in_range(ca_jittered_lifetime(life_s, UINT64_MAX), life_s - bound_s, life_s);
	}
}

/* A fleet that was enrolled in one second comes back over a day: each hour of it gets its share. */
static void jitter_spreads_a_fleet(void **state)
{
	uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
	unsigned hours[24] = {};

	(void)state;
	for (unsigned i = 0; i < 24000; i++) {
		int64_t less_s;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		less_s = 365 * DAY - ca_jittered_lifetime(365 * DAY, random);
		assert_in_range(less_s, 0, DAY);
		hours[less_s < DAY ? less_s / 3600 : 23]++;
	}
	for (size_t i = 0; i < ELEMENTS(hours); i++)
		assert_in_range(hours[i], 850, 1150);
}

/* What is clamped ends with the CA to the second; chance never takes it below, nor past it. */
static void a_clamped_life_is_not_shortened(void **state)
{
	(void)state;
	for (uint64_t chance = 0; chance < 1000; chance++) {
		assert_int_equal(ca_jittered_not_after(NOW, 365 * DAY, NOW + 10 * DAY, chance),
				 NOW + 10 * DAY);
		assert_int_equal(ca_jittered_not_after(NOW, 10 * DAY, NOW + 10 * DAY, chance),
				 NOW + 10 * DAY);
		assert_in_range(ca_jittered_not_after(NOW, 10 * DAY, NOW + 10 * DAY + 1, chance),
				NOW + 10 * DAY - 10 * DAY / 50, NOW + 10 * DAY);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifetimes_are_exact_to_the_second),
		cmocka_unit_test(no_certificate_outlives_its_ca),
		cmocka_unit_test(jitter_only_shortens),
		cmocka_unit_test(jitter_spreads_a_fleet),
		cmocka_unit_test(a_clamped_life_is_not_shortened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
