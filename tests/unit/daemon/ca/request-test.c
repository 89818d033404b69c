/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/request.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const enum ca_request_state states[] = {
	CA_REQUEST_INITIAL, CA_REQUEST_AUTHORIZED, CA_REQUEST_PENDING,
	CA_REQUEST_DENIED,  CA_REQUEST_GRANTED,	   CA_REQUEST_MALFORMED,
};
static const enum ca_request_event events[] = {
	CA_REQUEST_EVENT_AUTHORIZE, CA_REQUEST_EVENT_HOLD,	 CA_REQUEST_EVENT_DENY,
	CA_REQUEST_EVENT_ISSUE,	    CA_REQUEST_EVENT_INVALIDATE,
};

/* A row per state, a column per event in the order above: the next state's letter, '-' where the
 * event is refused. */
static void events_move_requests_as_drawn(void **state)
{
	static const char *const expected[] = {
		"APD-M", /* initial */
		"--DG-", /* authorized */
		"A-D--", /* pending */
		"-----", /* denied */
		"-----", /* granted */
		"-----", /* malformed */
	};
	static const char letters[] = {
		[0] = '-',
		[CA_REQUEST_INITIAL] = 'I',
		[CA_REQUEST_AUTHORIZED] = 'A',
		[CA_REQUEST_PENDING] = 'P',
		[CA_REQUEST_DENIED] = 'D',
		[CA_REQUEST_GRANTED] = 'G',
		[CA_REQUEST_MALFORMED] = 'M',
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(states); i++)
		for (size_t k = 0; k < ELEMENTS(events); k++)
			assert_int_equal(letters[ca_request_next(states[i], events[k])],
					 expected[i][k]);
}

/* Whatever happens in whatever order: a certificate only follows an authorisation, and nothing
 * leaves its end. */
static void random_lives_keep_the_invariants(void **state)
{
	uint32_t chance = 1;

	(void)state;
	for (unsigned life = 0; life < 20000; life++) {
		enum ca_request_state now = CA_REQUEST_INITIAL;
		bool authorized = false;

		for (unsigned step = 0; step < 8; step++) {
			enum ca_request_event event;
			enum ca_request_state next;

			chance = chance * 1103515245 + 12345;
			event = events[(chance >> 16) % ELEMENTS(events)];
			next = ca_request_next(now, event);
			if (!next)
				continue;
			assert_false(now == CA_REQUEST_DENIED || now == CA_REQUEST_GRANTED ||
				     now == CA_REQUEST_MALFORMED);
			authorized |= next == CA_REQUEST_AUTHORIZED;
			assert_true(next != CA_REQUEST_GRANTED || authorized);
			assert_true(next != CA_REQUEST_INITIAL);
			now = next;
		}
	}
}

static void names_are_what_people_see(void **state)
{
	static const char *const state_names[] = {"initial", "authorized", "pending",
						  "denied",  "granted",	   "malformed"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(states); i++)
		assert_string_equal(ca_request_state_name(states[i]), state_names[i]);
}

/* They stand in databases. */
static void state_numbers_are_for_ever(void **state)
{
	(void)state;
	assert_int_equal(CA_REQUEST_INITIAL, 1);
	assert_int_equal(CA_REQUEST_AUTHORIZED, 2);
	assert_int_equal(CA_REQUEST_PENDING, 3);
	assert_int_equal(CA_REQUEST_DENIED, 4);
	assert_int_equal(CA_REQUEST_GRANTED, 5);
	assert_int_equal(CA_REQUEST_MALFORMED, 6);
	assert_int_equal(GRANT_CLASS_ROUTER, 0);
	assert_int_equal(GRANT_CLASS_RA, 1);
	assert_int_equal(GRANT_CLASS_SUBORDINATE, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_move_requests_as_drawn),
		cmocka_unit_test(random_lives_keep_the_invariants),
		cmocka_unit_test(names_are_what_people_see),
		cmocka_unit_test(state_numbers_are_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
