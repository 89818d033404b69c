/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/flow/proposals.h"
#include <stdio.h>
#include <string.h>

#define NOW 1000

static struct proposal proposal_of(const char *server, unsigned what, const char *actor,
				   int64_t until_s)
{
	struct proposal proposal = {.method = "server.delete", .until_s = until_s};

	(void)snprintf(proposal.server, sizeof(proposal.server), "%s", server);
	(void)snprintf(proposal.actor, sizeof(proposal.actor), "%s", actor);
	memcpy(proposal.digest, &what, sizeof(what));
	return proposal;
}

static void one_lives_for_its_hour(void **state)
{
	struct proposals *proposals;
	struct proposal one = proposal_of("A", 1, "uid 1", NOW + 10), found;
	struct proposal other = proposal_of("A", 2, "uid 1", NOW + 20);
	struct proposal elsewhere = proposal_of("B", 1, "uid 1", NOW + 20);
	struct proposal all[PROPOSALS_MOST];

	(void)state;
	assert_int_equal(proposals_new(&proposals), 0);
	assert_false(proposals_find(proposals, &one, NOW, &found));
	proposals_add(proposals, &one);
	assert_true(proposals_find(proposals, &one, NOW + 9, &found));
	assert_string_equal(found.actor, "uid 1");
	assert_false(proposals_find(proposals, &one, NOW + 10, &found));
	assert_false(proposals_find(proposals, &other, NOW, &found));
	assert_false(proposals_find(proposals, &elsewhere, NOW, &found));
	proposals_add(proposals, &other);
	proposals_add(proposals, &elsewhere);
	assert_int_equal(proposals_of(proposals, "A", NOW, all), 2);
	assert_int_equal(all[0].until_s, NOW + 10);
	assert_int_equal(all[1].until_s, NOW + 20);
	assert_int_equal(proposals_of(proposals, "A", NOW + 10, all), 1);
	/* Said again, it is there once, and younger than the other. */
	one.until_s = NOW + 30;
	proposals_add(proposals, &one);
	assert_int_equal(proposals_of(proposals, "A", NOW, all), 2);
	assert_int_equal(all[1].until_s, NOW + 30);
	proposals_remove(proposals, &other);
	proposals_remove(proposals, &other);
	assert_int_equal(proposals_of(proposals, "A", NOW, all), 1);
	assert_int_equal(proposals_of(proposals, "B", NOW, all), 1);
	proposals_free(proposals);
}

static void of_too_many_the_oldest_goes(void **state)
{
	struct proposals *proposals;
	struct proposal found, first = proposal_of("A", 0, "uid 1", NOW + 10);
	struct proposal second = proposal_of("A", 1, "uid 1", NOW + 10);

	(void)state;
	assert_int_equal(proposals_new(&proposals), 0);
	for (unsigned i = 0; i <= PROPOSALS_MOST; i++) {
		struct proposal one = proposal_of("A", i, "uid 1", NOW + 10);

		proposals_add(proposals, &one);
	}
	assert_false(proposals_find(proposals, &first, NOW, &found));
	assert_true(proposals_find(proposals, &second, NOW, &found));
	proposals_free(proposals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_lives_for_its_hour),
		cmocka_unit_test(of_too_many_the_oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
