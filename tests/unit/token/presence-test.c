/* SPDX-License-Identifier: Apache-2.0 */
#include "token/presence.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define STATES	   TOKEN_STATE_LAST
#define ANY_STATE  0
#define OPEN_AGAIN PRESENCE_OPEN_AGAIN
#define LOOK	   PRESENCE_LOOK

/* What becomes of a token, told by the event; of a fault, by the state as well. */
static const struct {
	enum presence_event event;
	int before; /* ANY_STATE: all that have no row of their own */
	enum token_state after;
	enum presence_wait wait;
} rows[] = {
	{PRESENCE_NO_MODULE, ANY_STATE, TOKEN_FAILED, OPEN_AGAIN},
	{PRESENCE_NOT_FOUND, ANY_STATE, TOKEN_ABSENT, OPEN_AGAIN},
	{PRESENCE_AMBIGUOUS, ANY_STATE, TOKEN_FAILED, OPEN_AGAIN},
	{PRESENCE_UNFIT, ANY_STATE, TOKEN_FAILED, OPEN_AGAIN},
	{PRESENCE_NEEDS_PIN, ANY_STATE, TOKEN_LOCKED, LOOK},
	{PRESENCE_PIN_REFUSED, ANY_STATE, TOKEN_FAILED, LOOK},
	{PRESENCE_READY, ANY_STATE, TOKEN_READY, LOOK},
	{PRESENCE_FAULT, TOKEN_ABSENT, TOKEN_ABSENT, OPEN_AGAIN},
	{PRESENCE_FAULT, TOKEN_SEEN, TOKEN_SEEN, OPEN_AGAIN},
	{PRESENCE_FAULT, ANY_STATE, TOKEN_DEGRADED, OPEN_AGAIN},
	{PRESENCE_GONE, ANY_STATE, TOKEN_ABSENT, OPEN_AGAIN},
	{PRESENCE_NO_PCSCD, ANY_STATE, TOKEN_ABSENT, OPEN_AGAIN},
	{PRESENCE_CARD_SEEN, ANY_STATE, TOKEN_SEEN, OPEN_AGAIN},
	{PRESENCE_FOUND, ANY_STATE, TOKEN_MAPPED, LOOK},
	{PRESENCE_OTHER_CARD, ANY_STATE, TOKEN_FAILED, OPEN_AGAIN},
	{PRESENCE_FOREIGN, ANY_STATE, TOKEN_FAILED, LOOK},
};

static void every_event_has_a_place_in_every_state(void **state)
{
	unsigned checked = 0;

	(void)state;
	for (enum presence_event event = PRESENCE_NO_MODULE; event <= PRESENCE_FOREIGN; event++) {
		for (int before = TOKEN_ABSENT; before <= TOKEN_STATE_LAST; before++) {
			struct presence next = presence_step((enum token_state)before, event);

			for (size_t i = 0; i < ELEMENTS(rows); i++) {
				if (rows[i].event != event ||
				    (rows[i].before != ANY_STATE && rows[i].before != before))
					continue;
				assert_int_equal(next.state, rows[i].after);
				assert_int_equal(next.wait, rows[i].wait);
				checked++;
				break;
			}
		}
	}
	assert_int_equal(checked, PRESENCE_FOREIGN * STATES);
}

/* A refused PIN waits for a change: nothing may try it again and again. */
static void a_refused_pin_is_only_looked_at(void **state)
{
	(void)state;
	for (int before = TOKEN_ABSENT; before <= TOKEN_STATE_LAST; before++)
		assert_int_equal(presence_step((enum token_state)before, PRESENCE_PIN_REFUSED).wait,
				 LOOK);
}

static void attempts_come_ever_less_soon(void **state)
{
	static const int64_t delays_ms[] = {250, 500, 1000, 2000, 2000, 2000};

	(void)state;
	for (unsigned i = 0; i < ELEMENTS(delays_ms); i++)
		assert_int_equal(presence_delay_ms(OPEN_AGAIN, i), delays_ms[i]);
	assert_int_equal(presence_delay_ms(OPEN_AGAIN, 1000000), 2000);
	assert_int_equal(presence_delay_ms(LOOK, 0), 2000);
}

static void the_ladder_has_three_rungs(void **state)
{
	(void)state;
	for (unsigned tries = 0; tries < 400; tries++) {
		enum presence_rung wanted = tries % 4 == 3 ? PRESENCE_RELOAD : PRESENCE_REOPEN;

		assert_int_equal(presence_rung(TOKEN_ABSENT, tries), wanted);
		assert_int_equal(presence_rung(TOKEN_FAILED, tries),
				 tries < 300 ? wanted : PRESENCE_RESTART);
		assert_int_equal(presence_rung(TOKEN_DEGRADED, tries),
				 tries < 12 ? wanted : PRESENCE_RESTART);
	}
}

/* A token that was away has not failed since; one that is only seen is still away. */
static void who_returns_starts_anew(void **state)
{
	static const struct {
		enum token_state before, after;
		bool returns;
	} steps[] = {
		{TOKEN_ABSENT, TOKEN_ABSENT, false}, {TOKEN_ABSENT, TOKEN_SEEN, true},
		{TOKEN_ABSENT, TOKEN_MAPPED, true},  {TOKEN_ABSENT, TOKEN_FAILED, true},
		{TOKEN_SEEN, TOKEN_SEEN, false},     {TOKEN_SEEN, TOKEN_ABSENT, false},
		{TOKEN_SEEN, TOKEN_MAPPED, true},    {TOKEN_DEGRADED, TOKEN_MAPPED, false},
		{TOKEN_MAPPED, TOKEN_READY, false},  {TOKEN_READY, TOKEN_ABSENT, false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(steps); i++)
		assert_int_equal(presence_is_return(steps[i].before, steps[i].after),
				 steps[i].returns);
}

static void events_have_names(void **state)
{
	(void)state;
	for (enum presence_event event = PRESENCE_NO_MODULE; event <= PRESENCE_FOREIGN; event++)
		assert_true(strlen(presence_event_name(event)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_has_a_place_in_every_state),
		cmocka_unit_test(a_refused_pin_is_only_looked_at),
		cmocka_unit_test(attempts_come_ever_less_soon),
		cmocka_unit_test(the_ladder_has_three_rungs),
		cmocka_unit_test(who_returns_starts_anew),
		cmocka_unit_test(events_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
