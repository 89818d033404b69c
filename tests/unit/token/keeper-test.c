/* SPDX-License-Identifier: Apache-2.0 */
#include "token/keeper.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
	unsigned sessions; /* that the token bears; 0: no limit */
	bool removable;
	unsigned configured, cpus;
	bool single;
	unsigned seats;
} rows[] = {
	/* A software token: twice the processors, eight at most. */
	{0, false, 0, 1, false, 2},
	{0, false, 0, 2, false, 4},
	{0, false, 0, 64, false, 8},
	{0, false, 0, 0, false, 1},
	/* A card or stick: one. */
	{0, true, 0, 8, false, 1},
	{16, true, 0, 8, false, 1},
	/* Two sessions stay for the token itself. */
	{6, false, 0, 8, false, 4},
	{3, false, 0, 8, false, 1},
	{2, false, 0, 8, false, 1},
	{1, false, 0, 8, false, 1},
	/* What is configured, as far as the token bears it. */
	{0, false, 20, 2, false, 20},
	{0, true, 3, 2, false, 3},
	{6, false, 20, 2, false, 4},
	{0, false, 1000, 2, false, KEEPER_SEATS_MAX},
	/* A module that bears one thread. */
	{0, false, 20, 8, true, 1},
};

static void seats_follow_from_the_token(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct hsm_token_facts facts = {
			.sessions = rows[i].sessions,
			.slot.removable = rows[i].removable,
		};

		assert_int_equal(
			keeper_seats_for(&facts, rows[i].configured, rows[i].cpus, rows[i].single),
			rows[i].seats);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seats_follow_from_the_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
