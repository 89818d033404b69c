/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/failures.h"
#include "daemon/flow/succession/authority-standing.h"
#include "tests/unit/daemon/flow/world.h"

/* State and reason as `server show` has them. */
static void check(enum ca_server_state state, const char *reason)
{
	struct authority_standing standing;
	const char *told;

	assert_int_equal(
		authority_standing_load(world.flow, world.authority, world.now_s, &standing), 0);
	assert_int_equal(ca_server_state(&standing.facts, world.now_s, &told), state);
	/* The unit tests have no token's process: that is told of an enabled one. */
	if (state != CA_SERVER_ENABLED)
		assert_string_equal(told, reason);
	authority_standing_done(&standing);
}

/* SRV-34, FSM-07 */
static void a_server_is_disabled_while_a_failure_stands(void **state)
{
	(void)state;
	world_open("", "Grant=auto");
	check(CA_SERVER_ENABLED, "");
	failures_note(world.authority, FAILURE_CRL_PUBLICATION, "read-only file system");
	check(CA_SERVER_DISABLED, "the CRL can't be published: read-only file system");
	failures_note(world.authority, FAILURE_CRL_PUBLICATION, "no space left on device");
	check(CA_SERVER_DISABLED, "the CRL can't be published: no space left on device");
	failures_clear(world.authority, FAILURE_CRL_PUBLICATION);
	check(CA_SERVER_ENABLED, "");
	failures_clear(world.authority, FAILURE_CRL_PUBLICATION);
	check(CA_SERVER_ENABLED, "");
	world_close();
}

static void each_failure_is_mended_by_itself(void **state)
{
	(void)state;
	world_open("", "Grant=auto");
	failures_note(world.authority, FAILURE_PUBLICATION, "refused");
	failures_note(world.authority, FAILURE_STORAGE, "away");
	check(CA_SERVER_DISABLED, "storage inaccessible: away");
	failures_clear(world.authority, FAILURE_STORAGE);
	check(CA_SERVER_DISABLED, "certificates can't be published: refused");
	failures_note(world.authority, FAILURE_CRL_ISSUE, "refused");
	check(CA_SERVER_DISABLED, "the CRL can't be issued: refused");
	failures_clear(world.authority, FAILURE_PUBLICATION);
	failures_clear(world.authority, FAILURE_CRL_ISSUE);
	check(CA_SERVER_ENABLED, "");
	world_close();
}

/* Clients get a 503 and come back, without being told what our disk has. */
static void a_client_is_told_nothing_of_it(void **state)
{
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("", "Grant=auto");
	failures_note(world.authority, FAILURE_STORAGE, "away");
	expect_http(enroll(&router, NULL), 503);
	failures_clear(world.authority, FAILURE_STORAGE);
	expect(enroll(&router, NULL), SUCCESS, -1);
	router_done(&router);
	world_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_is_disabled_while_a_failure_stands),
		cmocka_unit_test(each_failure_is_mended_by_itself),
		cmocka_unit_test(a_client_is_told_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
