/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/relay.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1700000000)

static const struct ca_server_facts works = {
	.created = true, .wanted = true, .relays = true, .token_ready = true, .storage_good = true};

static void check(const struct ca_relay_facts *facts, enum ca_relay verdict, const char *part)
{
	const char *reason = NULL;

	assert_int_equal(ca_relay_judge(facts, NOW, &reason), verdict);
	assert_int_equal(*reason != '\0', *part != '\0');
	assert_non_null(strstr(reason, part));
}

static void a_transparent_ra_passes_on_what_it_may(void **state)
{
	struct ca_server_facts stopped = works;
	struct ca_relay_facts facts = {.server = &works, .grants = true};

	(void)state;
	check(&facts, CA_RELAY_GOES_ON, "");
	facts.waited = true;
	check(&facts, CA_RELAY_NOT_NOW, "slow");
	facts.under_way = true;
	check(&facts, CA_RELAY_NOT_NOW, "leads back here");
	facts.grants = false;
	check(&facts, CA_RELAY_REFUSED, "Grant=none");
	stopped.wanted = false;
	facts.server = &stopped;
	check(&facts, CA_RELAY_NOT_NOW, "not in service");
}

/* RA-06: what is enveloped to its CA is for that one to grant or refuse. */
static void an_ra_passes_on_what_is_for_its_ca_whatever_it_grants_itself(void **state)
{
	struct ca_relay_facts facts = {.grants = false};

	(void)state;
	check(&facts, CA_RELAY_GOES_ON, "");
	facts.under_way = true;
	check(&facts, CA_RELAY_NOT_NOW, "leads back here");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transparent_ra_passes_on_what_it_may),
		cmocka_unit_test(an_ra_passes_on_what_is_for_its_ca_whatever_it_grants_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
