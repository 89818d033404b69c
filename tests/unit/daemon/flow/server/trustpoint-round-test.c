/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/trustpoint-round.h"
#include "daemon/x509/name.h"
#include "tests/unit/daemon/flow/trustpoint.h"

static struct trustpoint_round round_of(int64_t hold_until_s)
{
	struct trustpoint_round round = {.hold_until_s = hold_until_s};

	flow_trustpoint_round(world.flow, "CORP", world.now_s, &round);
	return round;
}

static struct ca_trustpoint_record record_of(void)
{
	struct trustpoint_turn turn = turn_of("CORP");
	struct ca_trustpoint_record record = TAKE_STRUCT(turn.state.record);

	trustpoint_turn_done(&turn);
	return record;
}

/* CLI-18: RENEW runs and is tried again, though no CA is known and nobody is asked. */
static void renew_is_tried_before_the_ca_is_known(void **state)
{
	struct ca_trustpoint_record record;
	struct trustpoint_round round;

	(void)state;
	world_open("", TRUSTPOINT);
	round = round_of(0);
	assert_false(round.failed);
	assert_int_equal(round.next_s, START + 60);
	assert_non_null(strstr(round.trouble, "claviger trustpoint authenticate CORP"));
	record = record_of();
	assert_int_equal(record.failures, 1);
	assert_non_null(strstr(record.failure, "no CA certificate was accepted"));
	ca_trustpoint_record_done(&record);
	world.now_s = START + 59;
	assert_int_equal(round_of(0).next_s, START + 60);
	world.now_s = START + 60;
	assert_int_equal(round_of(0).next_s, START + 60 + 120);
	world_close();
}

/* A token that nobody answers for is this machine's trouble: it counts as no try against the CA. */
static void a_token_that_is_away_is_no_try(void **state)
{
	struct ca_trustpoint_record record;
	struct trustpoint_round round;
	struct trustpoint_turn turn;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	accept_ca(&turn);
	trustpoint_turn_done(&turn);
	round = round_of(0);
	assert_true(round.failed);
	assert_non_null(strstr(round.trouble, "token soft"));
	record = record_of();
	assert_int_equal(record.failures, 0);
	ca_trustpoint_record_done(&record);
	world_close();
}

/* Retry-After: nothing that would ask is done before. */
static void a_server_that_wants_to_be_left_alone_is(void **state)
{
	struct ca_trustpoint_record record;
	struct trustpoint_round round;
	struct trustpoint_turn turn;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	accept_ca(&turn);
	trustpoint_turn_done(&turn);
	round = round_of(START + 300);
	assert_false(round.failed);
	assert_int_equal(round.next_s, START + 300);
	assert_int_equal(round.hold_until_s, START + 300);
	assert_string_equal(round.trouble, "");
	world.now_s = START + 300;
	round = round_of(START + 300);
	assert_true(round.failed);
	assert_int_equal(round.hold_until_s, 0);
	record = record_of();
	assert_int_equal(record.failures, 0);
	ca_trustpoint_record_done(&record);
	world_close();
}

/* TIME-01, TIME-05: nothing before the time is good. */
static void nothing_is_done_before_the_time_is_good(void **state)
{
	struct ca_trustpoint_record record;
	struct trustpoint_round round;

	(void)state;
	world_open("", TRUSTPOINT);
	world.flow->time.authoritative = false;
	round = round_of(0);
	record = record_of();
	/* A machine whose kernel is synchronised has a good time all the same. */
	assert_int_equal(record.failures, time_source_is_good(&world.flow->time) ? 1 : 0);
	assert_false(round.failed);
	ca_trustpoint_record_done(&record);
	world_close();
}

static void without_a_section_nothing_is_done(void **state)
{
	struct trustpoint_round round = {};

	(void)state;
	world_open("", "");
	flow_trustpoint_round(world.flow, "CORP", START, &round);
	assert_false(round.failed);
	assert_true(round.next_s == INT64_MAX);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renew_is_tried_before_the_ca_is_known),
		cmocka_unit_test(a_token_that_is_away_is_no_try),
		cmocka_unit_test(a_server_that_wants_to_be_left_alone_is),
		cmocka_unit_test(nothing_is_done_before_the_time_is_good),
		cmocka_unit_test(without_a_section_nothing_is_done),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
