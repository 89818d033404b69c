/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/name.h"
#include "tests/unit/daemon/flow/trustpoint.h"

static void a_section_is_needed(void **state)
{
	struct trustpoint_turn turn;

	(void)state;
	world_open("", TRUSTPOINT);
	assert_int_equal(trustpoint_turn_begin(world.flow, "NONE", START, &turn), -ENOENT);
	trustpoint_turn_done(&turn);
	turn = turn_of("CORP");
	assert_int_equal(turn.state.record.id, 0);
	trustpoint_turn_done(&turn);
	world_close();
}

static void one_at_a_time(void **state)
{
	struct trustpoint_turn turn, second;

	(void)state;
	world_open("", TRUSTPOINT "[Trustpoint SECOND]\nEnrollmentURL=terminal\nToken=soft\n");
	turn = turn_of("CORP");
	assert_int_equal(trustpoint_turn_look(world.flow, "CORP", START, &second), 0);
	trustpoint_turn_done(&second);
	assert_int_equal(trustpoint_turn_begin(world.flow, "SECOND", START, &second), 0);
	trustpoint_turn_done(&second);
	trustpoint_turn_done(&turn);
	world_close();
}

static void failures_are_counted_until_one_try_succeeds(void **state)
{
	struct trustpoint_turn turn;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	assert_int_equal(trustpoint_note_failure(&turn, NULL), 0);
	assert_int_equal(turn.state.record.id, 0);
	for (unsigned i = 1; i <= 3; i++) {
		turn.now_s = START + i;
		assert_int_equal(trustpoint_note_failure(&turn, i == 2 ? "two" : "other"), 0);
		assert_int_equal(turn.state.record.failures, i);
		assert_int_equal(turn.state.record.failed_s, START + i);
		assert_string_equal(turn.state.record.failure, i == 2 ? "two" : "other");
	}
	assert_int_equal(trustpoint_note_failure(&turn, NULL), 0);
	assert_int_equal(turn.state.record.failures, 0);
	assert_null(turn.state.record.failure);
	assert_int_equal(audited("trustpoint"), 0);
	trustpoint_turn_done(&turn);
	world_close();
}

/* What an operator finds in the record, and in the audit. */
static void each_halt_is_recorded_with_its_reason(void **state)
{
	static const struct {
		enum ca_trustpoint_halt halt;
		const char *type;
	} rows[] = {
		{CA_TRUSTPOINT_REJECTED, "trustpoint.rejected"},
		{CA_TRUSTPOINT_STRANGER, "trustpoint.halt"},
		{CA_TRUSTPOINT_EXHAUSTED, "trustpoint.halt"},
	};
	struct trustpoint_turn turn;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		unsigned before = audited(rows[i].type);

		assert_int_equal(trustpoint_halt(&turn, rows[i].halt, "a reason"), 0);
		assert_int_equal(turn.state.record.halt, rows[i].halt);
		assert_int_equal(turn.state.record.halted_s, START);
		assert_string_equal(turn.state.record.halt_reason, "a reason");
		assert_int_equal(audited(rows[i].type), before + 1);
	}
	trustpoint_turn_done(&turn);
	world_close();
}

/* The tries that RetryCount= allows end with the last one's reason. */
static void a_halt_may_have_the_records_own_reason(void **state)
{
	struct trustpoint_turn turn;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	assert_int_equal(trustpoint_note_failure(&turn, "nobody answers"), 0);
	assert_int_equal(trustpoint_halt(&turn, CA_TRUSTPOINT_EXHAUSTED, turn.state.record.failure),
			 0);
	assert_string_equal(turn.state.record.halt_reason, "nobody answers");
	trustpoint_turn_done(&turn);
	world_close();
}

/* What was decided on an older state changes nothing. */
static void a_change_in_between_is_found(void **state)
{
	struct trustpoint_turn turn, stale;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	assert_int_equal(trustpoint_note_failure(&turn, "first"), 0);
	assert_int_equal(trustpoint_turn_look(world.flow, "CORP", START, &stale), 0);
	assert_int_equal(trustpoint_note_failure(&turn, "second"), 0);
	assert_int_equal(trustpoint_halt(&stale, CA_TRUSTPOINT_REJECTED, "stale"), FLOW_LATER);
	assert_int_equal(stale.state.record.failures, 2);
	assert_int_equal(stale.state.record.halt, CA_TRUSTPOINT_GOES_ON);
	assert_int_equal(audited("trustpoint.rejected"), 0);
	trustpoint_turn_done(&stale);
	trustpoint_turn_done(&turn);
	world_close();
}

static void usages_follow_the_configuration(void **state)
{
	const struct conf_trustpoint one = {}, two = {.usage_keys = true};
	struct trustpoint_usages usages = trustpoint_usages(&one);

	(void)state;
	assert_int_equal(usages.n, 1);
	assert_int_equal(usages.items[0], 1);
	usages = trustpoint_usages(&two);
	assert_int_equal(usages.n, 2);
	assert_int_equal(usages.items[0], 2);
	assert_int_equal(usages.items[1], 3);
}

static void only_a_url_is_online(void **state)
{
	const struct conf_trustpoint rows[] = {
		{.enrollment_url = NULL},
		{.enrollment_url = (char[]){"terminal"}},
		{.enrollment_url = (char[]){"http://ca/"}},
	};

	(void)state;
	assert_false(trustpoint_is_online(&rows[0]));
	assert_false(trustpoint_is_online(&rows[1]));
	assert_true(trustpoint_is_online(&rows[2]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_is_needed),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(failures_are_counted_until_one_try_succeeds),
		cmocka_unit_test(each_halt_is_recorded_with_its_reason),
		cmocka_unit_test(a_halt_may_have_the_records_own_reason),
		cmocka_unit_test(a_change_in_between_is_found),
		cmocka_unit_test(usages_follow_the_configuration),
		cmocka_unit_test(only_a_url_is_online),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
