/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/forward.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define EVENTS (CA_FORWARD_EVENT_STALE + 1)
#define NOW    INT64_C(1700000000)
#define HOUR   INT64_C(3600)

static const enum ca_forward_state states[] = {CA_FORWARD_NEW, CA_FORWARD_MADE, CA_FORWARD_PENDING};

/* An assert would end the program where a pair has no row. */
static void each_state_knows_each_event(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(states); i++)
		for (enum ca_forward_event event = 0; event < EVENTS; event++) {
			struct ca_forward_step step = ca_forward_step(states[i], event);
			const unsigned ends = CA_FORWARD_EFFECT_GRANT | CA_FORWARD_EFFECT_DENY;

			/* What is over was granted or denied, and nothing else was. */
			assert_int_equal(!step.next, !!(step.effects & ends));
			/* What was never sent brings no certificate. */
			if (step.effects & CA_FORWARD_EFFECT_GRANT)
				assert_true(states[i] != CA_FORWARD_NEW &&
					    event == CA_FORWARD_EVENT_GRANTED);
			/* Where the state becomes another, so do the pauses. */
			if (step.next && step.next != states[i])
				assert_int_equal(step.effects, CA_FORWARD_EFFECT_RECOUNT);
		}
}

/* One row is (state, event, next, effects): what becomes of one that goes all the way. */
static void events_move_a_forward(void **state)
{
	static const struct {
		enum ca_forward_state from;
		enum ca_forward_event event;
		unsigned next, effects;
	} rows[] = {
		{CA_FORWARD_NEW, CA_FORWARD_EVENT_DRAWN, CA_FORWARD_MADE,
		 CA_FORWARD_EFFECT_RECOUNT},
		{CA_FORWARD_NEW, CA_FORWARD_EVENT_NO_ANSWER, CA_FORWARD_NEW,
		 CA_FORWARD_EFFECT_COUNT},
		{CA_FORWARD_NEW, CA_FORWARD_EVENT_REJECTED, 0, CA_FORWARD_EFFECT_DENY},
		{CA_FORWARD_MADE, CA_FORWARD_EVENT_NO_ANSWER, CA_FORWARD_MADE,
		 CA_FORWARD_EFFECT_COUNT},
		{CA_FORWARD_MADE, CA_FORWARD_EVENT_BAD_ANSWER, CA_FORWARD_MADE,
		 CA_FORWARD_EFFECT_COUNT},
		{CA_FORWARD_MADE, CA_FORWARD_EVENT_WAITS, CA_FORWARD_PENDING,
		 CA_FORWARD_EFFECT_RECOUNT},
		{CA_FORWARD_MADE, CA_FORWARD_EVENT_GRANTED, 0, CA_FORWARD_EFFECT_GRANT},
		{CA_FORWARD_MADE, CA_FORWARD_EVENT_REJECTED, 0, CA_FORWARD_EFFECT_DENY},
		{CA_FORWARD_MADE, CA_FORWARD_EVENT_STALE, CA_FORWARD_NEW,
		 CA_FORWARD_EFFECT_RECOUNT},
		{CA_FORWARD_PENDING, CA_FORWARD_EVENT_WAITS, CA_FORWARD_PENDING,
		 CA_FORWARD_EFFECT_COUNT},
		{CA_FORWARD_PENDING, CA_FORWARD_EVENT_NO_ANSWER, CA_FORWARD_PENDING,
		 CA_FORWARD_EFFECT_COUNT},
		{CA_FORWARD_PENDING, CA_FORWARD_EVENT_GRANTED, 0, CA_FORWARD_EFFECT_GRANT},
		{CA_FORWARD_PENDING, CA_FORWARD_EVENT_REJECTED, 0, CA_FORWARD_EFFECT_DENY},
		{CA_FORWARD_PENDING, CA_FORWARD_EVENT_STALE, CA_FORWARD_NEW,
		 CA_FORWARD_EFFECT_RECOUNT},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct ca_forward_step step = ca_forward_step(rows[i].from, rows[i].event);

		assert_int_equal(step.next, rows[i].next);
		assert_int_equal(step.effects, rows[i].effects);
	}
}

static void pauses_double_up_to_eight_hours(void **state)
{
	static const int64_t pauses[] = {0, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360};
	struct ca_forward_record record = {
		.state = CA_FORWARD_MADE, .created_s = NOW, .tried_s = NOW + 7};

	(void)state;
	assert_int_equal(ca_forward_due_s(&record), NOW);
	for (unsigned i = 1; i < ELEMENTS(pauses); i++) {
		record.tries = i;
		assert_int_equal(ca_forward_due_s(&record), NOW + 7 + pauses[i]);
	}
	record.tries = (unsigned)ELEMENTS(pauses);
	assert_int_equal(ca_forward_due_s(&record), NOW + 7 + 8 * HOUR);
	record.tries = UINT32_MAX;
	assert_int_equal(ca_forward_due_s(&record), NOW + 7 + 8 * HOUR);
}

/* The CA has just said so: a minute later it is asked for the first time. */
static void one_that_waits_is_not_polled_at_once(void **state)
{
	struct ca_forward_record record = {
		.state = CA_FORWARD_PENDING, .created_s = NOW, .tried_s = NOW + 7};

	(void)state;
	assert_int_equal(ca_forward_due_s(&record), NOW + 67);
	record.tries = 1;
	assert_int_equal(ca_forward_due_s(&record), NOW + 127);
	record.tries = UINT32_MAX - 1;
	assert_int_equal(ca_forward_due_s(&record), NOW + 7 + 8 * HOUR);
}

static void what_its_signer_can_no_longer_speak_for_is_stale(void **state)
{
	const struct ca_exchange_record good = {.id = 3, .not_after_s = NOW};
	struct ca_exchange_record signer = good;
	struct ca_forward_record record = {
		.state = CA_FORWARD_MADE, .exchange_id = 3, .generation_id = 5};

	(void)state;
	for (size_t i = 1; i < ELEMENTS(states); i++) {
		record.state = states[i];
		signer = good;
		assert_false(ca_forward_is_stale(&record, &signer, 5, NOW));
		assert_true(ca_forward_is_stale(&record, &signer, 5, NOW + 1));
		assert_true(ca_forward_is_stale(&record, &signer, 6, NOW));
		assert_true(ca_forward_is_stale(&record, NULL, 5, NOW));
		signer.destroyed_s = NOW - 9;
		assert_true(ca_forward_is_stale(&record, &signer, 5, NOW));
	}
	record.state = CA_FORWARD_NEW;
	assert_false(ca_forward_is_stale(&record, NULL, 6, NOW));
}

static void each_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(ca_forward_state_name(CA_FORWARD_NEW), "new");
	assert_string_equal(ca_forward_state_name(CA_FORWARD_MADE), "made");
	assert_string_equal(ca_forward_state_name(CA_FORWARD_PENDING), "pending");
	assert_string_equal(ca_forward_event_name(CA_FORWARD_EVENT_DRAWN), "drawn up");
	assert_string_equal(ca_forward_event_name(CA_FORWARD_EVENT_STALE), "stale");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_knows_each_event),
		cmocka_unit_test(events_move_a_forward),
		cmocka_unit_test(pauses_double_up_to_eight_hours),
		cmocka_unit_test(one_that_waits_is_not_polled_at_once),
		cmocka_unit_test(what_its_signer_can_no_longer_speak_for_is_stale),
		cmocka_unit_test(each_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
