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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifetimes_are_exact_to_the_second),
		cmocka_unit_test(no_certificate_outlives_its_ca),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
