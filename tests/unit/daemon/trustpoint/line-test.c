/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/line.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A CA until 1000 and one that follows it; certificates of the first until 400 and of the second.
 */
static struct ca_anchor_record anchors[] = {
	{.id = 1, .not_before_s = 0, .not_after_s = 1000, .takes_over_s = 0},
	{.id = 2, .not_before_s = 1000, .not_after_s = 2000, .takes_over_s = 1000},
};
static struct ca_identity_record identities[] = {
	{.id = 1, .usage = 1, .anchor_id = 1, .not_after_s = 400, .takes_over_s = 10},
	{.id = 2, .usage = 1, .anchor_id = 2, .not_after_s = 1500, .takes_over_s = 1000},
	{.id = 3, .usage = 1, .anchor_id = 1, .not_after_s = 1100, .takes_over_s = 400},
	{.id = 4, .usage = 2, .anchor_id = 1, .not_after_s = 900, .takes_over_s = 390},
};
static struct ca_trustpoint_state facts = {.anchors = anchors,
					   .n_anchors = ELEMENTS(anchors),
					   .identities = identities,
					   .n_identities = ELEMENTS(identities)};

static int64_t last(int usage, int64_t now_s)
{
	const struct ca_identity_record *found = trustpoint_line_last(&facts, usage, now_s);

	return found ? found->id : 0;
}

static void a_line_goes_on_as_long_as_there_is_no_gap(void **state)
{
	(void)state;
	facts.n_identities = 4;
	assert_int_equal(last(1, 9), 0);
	assert_int_equal(last(1, 10), 2);
	assert_int_equal(last(2, 10), 0);
	assert_int_equal(last(2, 390), 4);
	/* Without the one between. */
	facts.n_identities = 2;
	assert_int_equal(last(1, 10), 1);
	assert_int_equal(last(1, 500), 1);
	assert_int_equal(last(1, 1000), 2);
	facts.n_identities = 4;
}

static void nothing_outlives_its_ca(void **state)
{
	(void)state;
	assert_int_equal(trustpoint_line_end_s(&facts, &identities[0]), 400);
	assert_int_equal(trustpoint_line_end_s(&facts, &identities[2]), 1000);
	assert_int_equal(
		trustpoint_line_end_s(
			&facts, &(struct ca_identity_record){.anchor_id = 9, .not_after_s = 70}),
		70);
}

static int64_t takes_over(bool is_ca, enum ca_enrollment_kind kind, int64_t not_before_s)
{
	const struct trustpoint_newcomer newcomer = {
		.usage = 1,
		.kind = kind,
		.is_ca = is_ca,
		.anchor = kind == CA_ENROLLMENT_SHADOW ? &anchors[1] : &anchors[0],
		.not_before_s = not_before_s,
	};

	return trustpoint_line_takes_over_s(&facts, &newcomer, 350);
}

static void a_ca_certificate_waits_for_the_one_before(void **state)
{
	(void)state;
	facts.n_identities = 1;
	assert_int_equal(takes_over(true, CA_ENROLLMENT_RENEWAL, 340), 400);
	assert_int_equal(takes_over(true, CA_ENROLLMENT_FIRST, 340), 400);
	assert_int_equal(takes_over(true, CA_ENROLLMENT_RENEWAL, 420), 420);
	assert_int_equal(takes_over(true, CA_ENROLLMENT_SHADOW, 1000), 1000);
	/* A key that is lost or known to others waits for nothing. */
	assert_int_equal(takes_over(true, CA_ENROLLMENT_EMERGENCY, 340), 350);
	assert_int_equal(takes_over(true, CA_ENROLLMENT_EMERGENCY, 360), 360);
	/* Nor does an RA's certificate, nor the first of all. */
	assert_int_equal(takes_over(false, CA_ENROLLMENT_RENEWAL, 340), 350);
	assert_int_equal(takes_over(false, CA_ENROLLMENT_SHADOW, 340), 1000);
	facts.n_identities = 0;
	assert_int_equal(takes_over(true, CA_ENROLLMENT_FIRST, 340), 350);
	facts.n_identities = 4;
}

/* One that outlives its superior hands over at its superior's end, not at its own. */
static void a_successor_takes_over_with_the_next_superior(void **state)
{
	(void)state;
	identities[0].not_after_s = 1300;
	facts.n_identities = 1;
	assert_int_equal(takes_over(true, CA_ENROLLMENT_SHADOW, 1000), 1000);
	identities[0].not_after_s = 400;
	facts.n_identities = 4;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_goes_on_as_long_as_there_is_no_gap),
		cmocka_unit_test(nothing_outlives_its_ca),
		cmocka_unit_test(a_ca_certificate_waits_for_the_one_before),
		cmocka_unit_test(a_successor_takes_over_with_the_next_superior),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
