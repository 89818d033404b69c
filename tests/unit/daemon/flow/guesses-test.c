/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/guesses.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW  INT64_C(1700000000)
#define MOST 32

static void each_peer_has_his_own(void **state)
{
	struct guesses *guesses;

	(void)state;
	assert_int_equal(guesses_new(&guesses), 0);
	for (unsigned i = 1; i <= MOST; i++) {
		assert_true(guesses_are_heard(guesses, 7, NOW));
		assert_int_equal(guesses_count(guesses, 7, NOW), i == MOST);
	}
	assert_false(guesses_are_heard(guesses, 7, NOW));
	assert_true(guesses_are_heard(guesses, 8, NOW));
	assert_true(guesses_are_heard(guesses, 7, NOW + 60));
	guesses_free(guesses);
}

/* However many peers come by, whoever is over stays over: the others are forgotten for him. */
static void too_many_peers_do_not_clear_anybody(void **state)
{
	struct guesses *guesses;

	(void)state;
	assert_int_equal(guesses_new(&guesses), 0);
	for (unsigned i = 0; i < MOST; i++)
		(void)guesses_count(guesses, 1, NOW);
	for (uint64_t peer = 2; peer < 20000; peer++)
		assert_false(guesses_count(guesses, peer, NOW));
	assert_false(guesses_are_heard(guesses, 1, NOW));
	guesses_free(guesses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_peer_has_his_own),
		cmocka_unit_test(too_many_peers_do_not_clear_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
