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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_signed_at_once),
		cmocka_unit_test(the_next_is_signed_at_half_its_life),
		cmocka_unit_test(a_revocation_brings_one_at_once),
		cmocka_unit_test(a_generation_signs_its_own_when_it_takes_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
