/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/scep/client.h"
#include "daemon/trustpoint/enrollment.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define EVENTS (TRUSTPOINT_EVENT_FORGOTTEN + 1)

static const enum ca_enrollment_state states[] = {CA_ENROLLMENT_MADE, CA_ENROLLMENT_PENDING,
						  CA_ENROLLMENT_BY_HAND};

/* An assert would end the program where a pair has no row. */
static void each_state_knows_each_event(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(states); i++)
		for (enum trustpoint_event event = 0; event < EVENTS; event++)
			for (int is_new = 0; is_new < 2; is_new++) {
				struct trustpoint_step step =
					trustpoint_enrollment_step(states[i], event, is_new);
				const bool drops = step.effects & TRUSTPOINT_EFFECT_DROP;

				/* What is dropped is gone, and nothing else is. */
				assert_int_equal(drops, step.next == 0);
				/* A certificate goes in for a granted one alone. */
				assert_int_equal(!!(step.effects & TRUSTPOINT_EFFECT_INSTALL),
						 event == TRUSTPOINT_EVENT_GRANTED);
				/* A key that was there before is never destroyed. */
				if (!is_new)
					assert_false(step.effects & TRUSTPOINT_EFFECT_DESTROY);
				assert_string_not_equal(trustpoint_event_name(event), "unknown");
			}
	assert_string_equal(trustpoint_event_name(EVENTS), "unknown");
}

#define DROP TRUSTPOINT_EFFECT_DROP

/* What each event does to one that was sent or is pending, but for the key. */
static const unsigned effects[EVENTS] = {
	[TRUSTPOINT_EVENT_NO_ANSWER] = TRUSTPOINT_EFFECT_COUNT,
	[TRUSTPOINT_EVENT_BAD_ANSWER] = TRUSTPOINT_EFFECT_COUNT,
	[TRUSTPOINT_EVENT_WAITS] = TRUSTPOINT_EFFECT_COUNT,
	[TRUSTPOINT_EVENT_GRANTED] = DROP | TRUSTPOINT_EFFECT_INSTALL,
	[TRUSTPOINT_EVENT_REJECTED] = DROP | TRUSTPOINT_EFFECT_REJECT,
	[TRUSTPOINT_EVENT_TIMED_OUT] = DROP | TRUSTPOINT_EFFECT_EXHAUST,
	[TRUSTPOINT_EVENT_CA_ENDED] = DROP,
	[TRUSTPOINT_EVENT_KEY_LOST] = DROP,
	[TRUSTPOINT_EVENT_FORGOTTEN] = DROP,
};
static const bool destroys_new_keys[EVENTS] = {
	[TRUSTPOINT_EVENT_REJECTED] = true,
	[TRUSTPOINT_EVENT_TIMED_OUT] = true,
	[TRUSTPOINT_EVENT_CA_ENDED] = true,
};

static void check_step(enum ca_enrollment_state from, enum trustpoint_event event, bool is_new,
		       struct trustpoint_step wanted)
{
	struct trustpoint_step step = trustpoint_enrollment_step(from, event, is_new);

	assert_int_equal(step.next, wanted.next);
	assert_int_equal(step.effects, wanted.effects);
}

static void events_move_an_enrolment(void **state)
{
	(void)state;
	for (enum trustpoint_event event = 0; event < EVENTS; event++)
		for (int is_new = 0; is_new < 2; is_new++) {
			struct trustpoint_step wanted = {CA_ENROLLMENT_PENDING, effects[event]};

			if (wanted.effects & DROP)
				wanted.next = 0;
			if (is_new && destroys_new_keys[event])
				wanted.effects |= TRUSTPOINT_EFFECT_DESTROY;
			check_step(CA_ENROLLMENT_PENDING, event, is_new, wanted);
			if (wanted.next)
				wanted.next = CA_ENROLLMENT_MADE;
			/* The first that is heard of its waiting begins the polls. */
			if (event == TRUSTPOINT_EVENT_WAITS)
				wanted = (struct trustpoint_step){CA_ENROLLMENT_PENDING,
								  TRUSTPOINT_EFFECT_RECOUNT};
			check_step(CA_ENROLLMENT_MADE, event, is_new, wanted);
		}
}

static void what_comes_by_hand_hears_nothing_of_servers(void **state)
{
	(void)state;
	for (enum trustpoint_event event = 0; event < EVENTS; event++) {
		struct trustpoint_step wanted = {CA_ENROLLMENT_BY_HAND, 0};

		if (event == TRUSTPOINT_EVENT_GRANTED || event == TRUSTPOINT_EVENT_KEY_LOST)
			wanted = (struct trustpoint_step){0, effects[event]};
		check_step(CA_ENROLLMENT_BY_HAND, event, true, wanted);
		check_step(CA_ENROLLMENT_BY_HAND, event, false, wanted);
	}
}

static void only_an_identity_in_force_of_this_ca_signs_its_renewal(void **state)
{
	struct ca_anchor_record anchors[2] = {
		{.id = 7, .takes_over_s = 100, .not_after_s = 9000},
		{.id = 8, .takes_over_s = 8000, .not_after_s = 20000}};
	struct ca_identity_record identity = {
		.id = 1, .usage = 1, .anchor_id = 7, .takes_over_s = 200, .not_after_s = 5000};
	struct ca_trustpoint_state facts = {.record.capabilities = SCEP_CAN_RENEWAL,
					    .anchors = anchors,
					    .n_anchors = 2,
					    .identities = &identity,
					    .n_identities = 1};

	(void)state;
	assert_int_equal(trustpoint_enrollment_kind_for(&facts, 1, 5000), CA_ENROLLMENT_RENEWAL);
	assert_int_equal(trustpoint_enrollment_kind_for(&facts, 1, 5001), CA_ENROLLMENT_FIRST);
	assert_int_equal(trustpoint_enrollment_kind_for(&facts, 2, 300), CA_ENROLLMENT_FIRST);
	identity.not_after_s = 9500;
	assert_int_equal(trustpoint_enrollment_kind_for(&facts, 1, 8000), CA_ENROLLMENT_FIRST);
	facts.record.capabilities = SCEP_CAN_AES;
	assert_int_equal(trustpoint_enrollment_kind_for(&facts, 1, 300), CA_ENROLLMENT_FIRST);
	facts.record.capabilities = SCEP_CAN_RENEWAL;
	facts.record.halt = CA_TRUSTPOINT_REJECTED;
	assert_int_equal(trustpoint_enrollment_kind_for(&facts, 1, 300), CA_ENROLLMENT_FIRST);
	facts.record.halt = CA_TRUSTPOINT_EXHAUSTED;
	identity.not_after_s = 5000;
	assert_int_equal(trustpoint_enrollment_kind_for(&facts, 1, 300), CA_ENROLLMENT_RENEWAL);
	identity.by_hand = true;
	assert_int_equal(trustpoint_enrollment_kind_for(&facts, 1, 300), CA_ENROLLMENT_FIRST);
}

static void what_is_given_up_has_a_reason(void **state)
{
	struct ca_anchor_record anchors[2] = {
		{.id = 7, .takes_over_s = 100, .not_after_s = 9000},
		{.id = 8, .takes_over_s = 8000, .not_after_s = 20000}};
	const struct ca_trustpoint_state facts = {.anchors = anchors, .n_anchors = 2};
	struct ca_enrollment_record enrollment = {.anchor_id = 7};

	(void)state;
	assert_int_equal(trustpoint_give_up_event(&facts, &enrollment, 7000),
			 TRUSTPOINT_EVENT_TIMED_OUT);
	assert_int_equal(trustpoint_give_up_event(&facts, &enrollment, 8000),
			 TRUSTPOINT_EVENT_CA_ENDED);
	enrollment.anchor_id = 8;
	assert_int_equal(trustpoint_give_up_event(&facts, &enrollment, 7000),
			 TRUSTPOINT_EVENT_TIMED_OUT);
	assert_int_equal(trustpoint_give_up_event(&facts, &enrollment, 20001),
			 TRUSTPOINT_EVENT_CA_ENDED);
	enrollment.anchor_id = 9;
	assert_int_equal(trustpoint_give_up_event(&facts, &enrollment, 7000),
			 TRUSTPOINT_EVENT_CA_ENDED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_knows_each_event),
		cmocka_unit_test(events_move_an_enrolment),
		cmocka_unit_test(what_comes_by_hand_hears_nothing_of_servers),
		cmocka_unit_test(only_an_identity_in_force_of_this_ca_signs_its_renewal),
		cmocka_unit_test(what_is_given_up_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
