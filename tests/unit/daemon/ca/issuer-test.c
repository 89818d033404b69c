/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/issuer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HOUR  INT64_C(3600)
#define BIRTH INT64_C(1500000000)
#define LIFE  (1000 * HOUR)
#define TURN  (BIRTH + LIFE) /* the second takes over */

static struct ca_generation_record generation(unsigned number, int64_t takes_over_s)
{
	return (struct ca_generation_record){
		.id = 10 + number,
		.number = number,
		.not_before_s = takes_over_s,
		.not_after_s = takes_over_s + LIFE,
		.takes_over_s = takes_over_s,
		.available_s = BIRTH,
	};
}

static enum ca_issuer_standing stand(const struct ca_generation_record *two, size_t which,
				     int64_t now_s)
{
	return ca_issuer_standing(two, 2, which, HOUR, now_s);
}

static void each_opens_in_its_time(void **state)
{
	struct ca_generation_record two[] = {generation(1, BIRTH), generation(2, TURN)};

	(void)state;
	assert_int_equal(stand(two, 0, TURN - 1), CA_ISSUER_ISSUES);
	assert_int_equal(stand(two, 1, TURN - 1), CA_ISSUER_ISSUES);
	assert_int_equal(stand(two, 0, TURN), CA_ISSUER_SUCCEEDED);
	assert_int_equal(stand(two, 1, TURN), CA_ISSUER_ISSUES);
	assert_int_equal(stand(two, 0, TURN + HOUR - 1), CA_ISSUER_SUCCEEDED);
	assert_int_equal(stand(two, 0, TURN + HOUR), CA_ISSUER_NONE);
	two[0].destroyed_s = TURN + 10;
	assert_int_equal(stand(two, 0, TURN + 10), CA_ISSUER_NONE);
	assert_int_equal(ca_issuer_standing(two, 2, 0, 0, TURN), CA_ISSUER_NONE);
}

static void a_shadow_only_once_it_is_given_out(void **state)
{
	struct ca_generation_record two[] = {generation(1, BIRTH), generation(2, TURN)};

	(void)state;
	assert_ptr_equal(ca_issuer_of_rollover(two, 2, TURN - 1), &two[1]);
	assert_null(ca_issuer_of_rollover(two, 2, TURN));
	assert_null(ca_issuer_of_rollover(two, 1, BIRTH));
	two[1].available_s = 0;
	assert_null(ca_issuer_of_rollover(two, 2, TURN - 1));
	assert_int_equal(stand(two, 1, TURN - 1), CA_ISSUER_NONE);
	/* Its turn comes whatever was done for it. */
	assert_int_equal(stand(two, 1, TURN), CA_ISSUER_ISSUES);
}

/* A key that is lost or compromised: its clients ask for as long as their certificates last. */
static void one_that_was_displaced_tells_as_long_as_its_key_stands(void **state)
{
	struct ca_generation_record two[] = {generation(1, BIRTH), generation(2, BIRTH + HOUR)};

	(void)state;
	assert_int_equal(stand(two, 0, BIRTH + HOUR), CA_ISSUER_SUCCEEDED);
	assert_int_equal(stand(two, 0, BIRTH + LIFE), CA_ISSUER_SUCCEEDED);
	two[0].destroyed_s = BIRTH + LIFE + 1;
	assert_int_equal(stand(two, 0, BIRTH + LIFE + 1), CA_ISSUER_NONE);
}

static void a_request_is_issued_by_whom_it_was_asked_of(void **state)
{
	struct ca_generation_record two[] = {generation(1, BIRTH), generation(2, TURN)};

	(void)state;
	assert_null(ca_issuer_of_request(NULL, 0, 1, BIRTH));
	assert_ptr_equal(ca_issuer_of_request(two, 2, 0, TURN - 1), &two[0]);
	assert_ptr_equal(ca_issuer_of_request(two, 2, 1, TURN - 1), &two[0]);
	assert_ptr_equal(ca_issuer_of_request(two, 2, 2, TURN - 1), &two[1]);
	assert_null(ca_issuer_of_request(two, 2, 3, TURN - 1));
	/* What waited at the change-over is the new one's, whomever it was asked of. */
	assert_ptr_equal(ca_issuer_of_request(two, 2, 1, TURN), &two[1]);
	assert_ptr_equal(ca_issuer_of_request(two, 2, 2, TURN), &two[1]);
	two[1].destroyed_s = BIRTH + HOUR; /* cancelled */
	assert_null(ca_issuer_of_request(two, 2, 2, TURN - 1));
	assert_ptr_equal(ca_issuer_of_request(two, 2, 1, TURN - 1), &two[0]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_opens_in_its_time),
		cmocka_unit_test(a_shadow_only_once_it_is_given_out),
		cmocka_unit_test(one_that_was_displaced_tells_as_long_as_its_key_stands),
		cmocka_unit_test(a_request_is_issued_by_whom_it_was_asked_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
