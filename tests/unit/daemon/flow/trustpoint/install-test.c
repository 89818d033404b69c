/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/name.h"
#include "tests/unit/daemon/flow/trustpoint.h"

static int install(struct trustpoint_turn *turn, size_t key, struct span certificate,
		   char **ret_reason)
{
	struct ca_key_place place = place_of(key, "CORP");
	const struct trustpoint_arrival arrival = {
		.key = &place, .usage = 1, .certificate = certificate, .actor = "uid 0"};
	int r = trustpoint_install(turn, &arrival, ret_reason);

	ca_key_place_done(&place);
	return r;
}

static void one_of_our_key_is_kept(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct trustpoint_turn turn;
	struct bytes leaf;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	accept_ca(&turn);
	assert_int_equal(trustpoint_note_failure(&turn, "no answer"), 0);
	leaf = leaf_of(0, START, 100 * DAY);
	assert_int_equal(install(&turn, 0, span_of(leaf), &reason), 0);
	assert_int_equal(turn.state.n_identities, 1);
	assert_int_equal(turn.state.identities[0].takes_over_s, START);
	assert_int_equal(turn.state.identities[0].changed_over_s, START);
	assert_int_equal(turn.state.identities[0].relabelled_s, START);
	assert_int_equal(turn.state.identities[0].not_after_s, START + 100 * DAY);
	assert_int_equal(turn.state.identities[0].anchor_id, turn.state.anchors[0].id);
	assert_int_equal(turn.state.record.failures, 0);
	assert_int_equal(audited("trustpoint.granted"), 1);
	bytes_done(&leaf);
	trustpoint_turn_done(&turn);
	world_close();
}

/* A clock that is a little behind the CA's: the one before stays in use until then. */
static void one_that_is_not_valid_yet_takes_over_when_it_is(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct trustpoint_turn turn;
	struct bytes leaf;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	accept_ca(&turn);
	leaf = leaf_of(0, START + 60, 100 * DAY);
	assert_int_equal(install(&turn, 0, span_of(leaf), &reason), 0);
	assert_int_equal(turn.state.identities[0].takes_over_s, START + 60);
	assert_int_equal(turn.state.identities[0].changed_over_s, 0);
	assert_null(ca_identity_active(&turn.state, 1, START + 59));
	assert_non_null(ca_identity_active(&turn.state, 1, START + 60));
	bytes_done(&leaf);
	trustpoint_turn_done(&turn);
	world_close();
}

static void anything_else_changes_nothing(void **state)
{
	struct trustpoint_turn turn;
	struct bytes other, ended, damaged;
	char *reasons[4] = {};

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	other = leaf_of(1, START, 100 * DAY);
	assert_int_equal(install(&turn, 1, span_of(other), &reasons[0]), FLOW_REFUSED);
	assert_non_null(strstr(reasons[0], "trustpoint authenticate CORP"));
	accept_ca(&turn);
	ended = leaf_of(0, START - 100 * DAY, 99 * DAY);
	damaged = leaf_of(0, START, 100 * DAY);
	damaged.data[damaged.size - 1] ^= 1;
	assert_int_equal(install(&turn, 0, span_of(other), &reasons[1]), FLOW_REFUSED);
	assert_int_equal(install(&turn, 0, span_of(ended), &reasons[2]), FLOW_REFUSED);
	assert_int_equal(install(&turn, 0, span_of(damaged), &reasons[3]), FLOW_REFUSED);
	assert_int_equal(turn.state.n_identities, 0);
	assert_int_equal(audited("trustpoint.granted"), 0);
	for (size_t i = 0; i < ELEMENTS(reasons); i++)
		free(reasons[i]);
	bytes_done(&other);
	bytes_done(&ended);
	bytes_done(&damaged);
	trustpoint_turn_done(&turn);
	world_close();
}

static void an_enrolment_that_is_gone_is_answered_by_nothing(void **state)
{
	const struct trustpoint_arrival arrival = {.enrollment = 4711};
	_cleanup_(freep) char *reason = NULL;
	struct trustpoint_turn turn;

	(void)state;
	world_open("", TRUSTPOINT);
	turn = turn_of("CORP");
	accept_ca(&turn);
	assert_int_equal(trustpoint_install(&turn, &arrival, &reason), FLOW_REFUSED);
	assert_non_null(strstr(reason, "trustpoint enroll CORP"));
	trustpoint_turn_done(&turn);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_our_key_is_kept),
		cmocka_unit_test(one_that_is_not_valid_yet_takes_over_when_it_is),
		cmocka_unit_test(anything_else_changes_nothing),
		cmocka_unit_test(an_enrolment_that_is_gone_is_answered_by_nothing),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
