/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/server.h"
#include "daemon/flow/succession/observer.h"
#include "tests/unit/daemon/flow/world.h"

static void observe(void)
{
	assert_int_equal(flow_observe(world.flow, world.authority, world.now_s), 0);
}

/* FSM-07: there and back, each once; what is so from the start is no change. */
static void a_change_is_audited_once(void **state)
{
	(void)state;
	world_open("", "");
	observe();
	observe();
	assert_int_equal(audited("server.state"), 0);
	failures_note(world.authority, FAILURE_STORAGE, "read-only");
	observe();
	observe();
	assert_int_equal(audited("server.state"), 1);
	assert_int_equal(audited("(failure: storage inaccessible: read-only)"), 1);
	failures_clear(world.authority, FAILURE_STORAGE);
	observe();
	assert_int_equal(audited("server.state"), 2);
	assert_int_equal(audited("(mended"), 1);
	world_close();
}

static void the_operators_wish_is_a_signal(void **state)
{
	_cleanup_(freep) char *reason = NULL;

	(void)state;
	world_open("", "");
	observe();
	assert_int_equal(
		flow_server_stop(world.flow, world.authority, "uid 0", world.now_s, &reason), 0);
	observe();
	assert_int_equal(audited("(shut: stopped by the operator)"), 1);
	assert_int_equal(
		flow_server_start(world.flow, world.authority, "uid 0", world.now_s, &reason), 0);
	observe();
	assert_int_equal(audited("(no shut"), 1);
	/* Nobody did anything: the CA certificate ended. */
	world.now_s = START + CA_LIFE + 1;
	observe();
	assert_int_equal(audited("(time passed: CA certificate has expired)"), 1);
	world_close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_audited_once),
		cmocka_unit_test(the_operators_wish_is_a_signal),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
