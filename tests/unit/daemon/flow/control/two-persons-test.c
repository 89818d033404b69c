/* SPDX-License-Identifier: Apache-2.0 */
/* TwoPersons=: acts that one operator proposes and another confirms. */
#include "daemon/flow/control/control.h"
#include "daemon/flow/proposals.h"
#include "tests/unit/daemon/flow/world.h"
#include <jansson.h>

static const char serial[] = "0x2";

/* Whether it was done; else the answer's words are looked for. */
static bool call(const char *actor, enum control_method method, const char *parameters,
		 const char *words)
{
	_cleanup_(control_jsonp) json_t *given = json_loads(parameters, 0, NULL), *answer = NULL;
	struct control_turn turn = {world.flow, actor, given, world.now_s};
	_cleanup_(freep) char *text = NULL;
	bool refused;

	assert_non_null(given);
	answer = flow_control(&turn, method);
	text = json_dumps(answer, JSON_COMPACT);
	refused = json_object_get(answer, "error");
	if (words)
		assert_non_null(strstr(text, words));
	assert_true(refused == (words != NULL));
	return !refused;
}

static size_t waiting(void)
{
	_cleanup_(control_jsonp) json_t *given = json_loads("{\"label\": \"CA\"}", 0, NULL),
					*answer = NULL;
	struct control_turn turn = {world.flow, "uid 3", given, world.now_s};

	answer = flow_control(&turn, CONTROL_SERVER_SHOW);
	return json_array_size(json_object_get(json_object_get(answer, "parameters"), "proposals"));
}

#define REVOKE "{\"server\": \"CA\", \"serial\": \"%s\"}"

static void a_second_person_confirms(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(freep) char *revoke = NULL, *other = NULL;

	(void)state;
	assert_int_equal(text_format(&revoke, REVOKE, serial), 0);
	assert_int_equal(text_format(&other, REVOKE, "0x7"), 0);
	world_open("", "Grant=auto\nTwoPersons=revoke\n");
	expect(enroll(&router, NULL), SUCCESS, -1);
	call("uid 1", CONTROL_CERTIFICATE_REVOKE, revoke, "another operator has to give the same");
	call("uid 1", CONTROL_CERTIFICATE_REVOKE, revoke, "proposed by you already");
	call("uid 2", CONTROL_CERTIFICATE_REVOKE, other, "another operator");
	assert_int_equal(waiting(), 2);
	assert_true(call("uid 2", CONTROL_CERTIFICATE_REVOKE, revoke, NULL));
	assert_int_equal(waiting(), 1);
	assert_int_equal(audited("act.propose"), 2);
	assert_int_equal(audited("act.confirm"), 1);
	/* Each of those names it, and what was done. */
	assert_int_equal(audited("certificate.revoke"), 4);
	/* It was done: what is said now begins anew. */
	call("uid 2", CONTROL_CERTIFICATE_REVOKE, revoke, "another operator");
	router_done(&router);
	world_close();
}

static void an_hour_is_waited(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(freep) char *revoke = NULL;

	(void)state;
	assert_int_equal(text_format(&revoke, REVOKE, serial), 0);
	world_open("", "Grant=auto\nTwoPersons=revoke\n");
	expect(enroll(&router, NULL), SUCCESS, -1);
	call("uid 1", CONTROL_CERTIFICATE_REVOKE, revoke, "another operator");
	world.now_s += PROPOSAL_LASTS_S;
	assert_int_equal(waiting(), 0);
	call("uid 2", CONTROL_CERTIFICATE_REVOKE, revoke, "another operator");
	assert_true(call("uid 1", CONTROL_CERTIFICATE_REVOKE, revoke, NULL));
	router_done(&router);
	world_close();
}

/* What fails goes on to be proposed; what only looks is no act, but where the command destroys keys
 * after it. */
static void what_is_not_done_stays_proposed(void **state)
{
	static const char look[] = "{\"label\": \"CA\", \"look\": true}",
			  whole[] = "{\"label\": \"CA\"}";

	(void)state;
	world_open("", "TwoPersons=delete rollover\n");
	call("uid 1", CONTROL_SERVER_DELETE, look, "another operator");
	assert_int_equal(audited("act.propose"), 1);
	assert_true(call("uid 2", CONTROL_SERVER_DELETE, look, NULL));
	call("uid 2", CONTROL_SERVER_DELETE, whole, "enabled");
	assert_int_equal(waiting(), 1);
	call("uid 1", CONTROL_SERVER_DELETE, whole, "proposed by you already");
	call("uid 1", CONTROL_SERVER_ROLLOVER_CANCEL, whole, "another operator");
	assert_true(call("uid 1", CONTROL_SERVER_STOP, whole, NULL));
	assert_true(call("uid 2", CONTROL_SERVER_DELETE, whole, NULL));
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_person_confirms),
		cmocka_unit_test(an_hour_is_waited),
		cmocka_unit_test(what_is_not_done_stays_proposed),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
