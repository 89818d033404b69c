/* SPDX-License-Identifier: Apache-2.0 */
/* Methods of the operators' socket, called as control.sock's reader hands them on. */
#include "daemon/flow/control/control.h"
#include "tests/unit/daemon/flow/world.h"
#include <jansson.h>

/* The answer to a method with these parameters, JSON as text. */
static json_t *call(enum control_method method, const char *parameters)
{
	_cleanup_(control_jsonp) json_t *given = json_loads(parameters, 0, NULL);
	struct control_turn turn = {world.flow, "uid 0", given, world.now_s};
	json_t *answer;

	assert_non_null(given);
	answer = flow_control(&turn, method);
	assert_non_null(answer);
	return answer;
}

static json_t *result(const json_t *answer)
{
	assert_null(json_object_get(answer, "error"));
	return json_object_get(answer, "parameters");
}

static const char *error(const json_t *answer)
{
	return json_string_value(json_object_get(answer, "error"));
}

static bool says(const json_t *answer, const char *word)
{
	_cleanup_(freep) char *text = json_dumps(answer, JSON_COMPACT);

	return strstr(text, word);
}

/* Neither in words nor inside of a CSR. */
static void a_challenge_is_shown_to_nobody(void **state)
{
	struct router router = router_of(0, "r1", "t1"), other = router_of(1, "r2", "t2");
	_cleanup_(control_jsonp) json_t *with = NULL, *without = NULL, *list = NULL;

	(void)state;
	world_open("", "");
	expect(enroll(&router, "SECRETSECRET"), PENDING, -1);
	expect(enroll(&other, NULL), PENDING, -1);
	with = call(CONTROL_REQUEST_SHOW, "{\"server\": \"CA\", \"id\": 1}");
	assert_null(json_object_get(result(with), "csr"));
	assert_false(says(with, "SECRET"));
	assert_string_equal(json_string_value(json_object_get(result(with), "state")), "pending");
	without = call(CONTROL_REQUEST_SHOW, "{\"server\": \"CA\", \"id\": 2}");
	assert_non_null(json_object_get(result(without), "csr"));
	list = call(CONTROL_REQUEST_LIST, "{\"server\": \"CA\"}");
	assert_int_equal(json_array_size(json_object_get(result(list), "requests")), 2);
	assert_false(says(list, "SECRET"));
	router_done(&other);
	router_done(&router);
	world_close();
}

/* What could be done is told beside what could not. */
static void an_act_on_several(void **state)
{
	struct router router = router_of(0, "r1", "t1"), other = router_of(1, "r2", "t2");
	_cleanup_(control_jsonp) json_t *some = NULL, *all = NULL, *none = NULL;

	(void)state;
	world_open("", "");
	expect(enroll(&router, NULL), PENDING, -1);
	expect(enroll(&other, NULL), PENDING, -1);
	some = call(CONTROL_REQUEST_GRANT, "{\"server\": \"CA\", \"ids\": [1, 7]}");
	assert_int_equal(json_array_size(json_object_get(result(some), "done")), 1);
	assert_int_equal(json_array_size(json_object_get(result(some), "failed")), 1);
	all = call(CONTROL_REQUEST_REJECT, "{\"server\": \"CA\", \"all\": true}");
	assert_int_equal(json_array_size(json_object_get(result(all), "done")), 1);
	none = call(CONTROL_REQUEST_REJECT, "{\"server\": \"CA\", \"all\": true}");
	assert_int_equal(json_array_size(json_object_get(result(none), "done")), 0);
	assert_int_equal(state_of(1), CA_REQUEST_GRANTED);
	assert_int_equal(state_of(2), CA_REQUEST_DENIED);
	router_done(&other);
	router_done(&router);
	world_close();
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		enum control_method method;
		const char *parameters, *error;
	} rows[] = {
		{CONTROL_SERVER_SHOW, "{\"label\": \"X\"}", "NotFound"},
		{CONTROL_REQUEST_SHOW, "{\"server\": \"CA\", \"id\": 9}", "NotFound"},
		{CONTROL_CERTIFICATE_SHOW, "{\"server\": \"CA\", \"serial\": \"9\"}", "NotFound"},
		{CONTROL_CERTIFICATE_SHOW, "{\"server\": \"CA\", \"serial\": \"x\"}",
		 "InvalidParameter"},
		{CONTROL_CERTIFICATE_REVOKE, "{\"server\": \"CA\", \"serial\": \"1\"}", "Refused"},
		{CONTROL_CERTIFICATE_REVOKE,
		 "{\"server\": \"CA\", \"serial\": \"2\", \"reason\": \"bored\"}",
		 "InvalidParameter"},
		{CONTROL_PASSWORD_GENERATE, "{\"server\": \"CA\", \"minutes\": 1441}",
		 "InvalidParameter"},
		{CONTROL_PASSWORD_GENERATE, "{\"server\": \"CA\", \"minutes\": 0}",
		 "InvalidParameter"},
		{CONTROL_CRL_SHOW, "{\"server\": \"CA\"}", "NotFound"},
		{CONTROL_LOG, "{\"level\": \"loud\"}", "InvalidParameter"},
		{CONTROL_LOG, "{\"level\": \"debug\", \"area\": \"SERVER\"}", "InvalidParameter"},
	};

	(void)state;
	world_open("", "");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(control_jsonp) json_t *answer = call(rows[i].method, rows[i].parameters);

		assert_non_null(error(answer));
		assert_non_null(strstr(error(answer), rows[i].error));
	}
	world_close();
}

/* As `server show --json` promises it, and as people read it. */
static void a_server_is_shown(void **state)
{
	static const char *const members[] = {
		"name",		"state",      "reason",	    "mode",	  "issuer",
		"fingerprints", "grant",      "lastSerial", "caNotAfter", "crlNextUpdate",
		"rollover",	"locked",     "lock",	    "storage",	  "databaseLevel",
		"generations",	"targets",    "upperCa",    "exchanges",  "tokens",
		"parked",	"authorized", "proposals"};
	_cleanup_(control_jsonp) json_t *shown = NULL, *crl = NULL, *timers = NULL;

	(void)state;
	world_open("", "");
	crl = call(CONTROL_CRL_ISSUE, "{\"server\": \"CA\"}");
	assert_int_equal(json_integer_value(json_object_get(result(crl), "number")), 1);
	shown = call(CONTROL_SERVER_SHOW, "{\"label\": \"CA\"}");
	for (size_t i = 0; i < ELEMENTS(members); i++)
		assert_non_null(json_object_get(result(shown), members[i]));
	assert_int_equal(json_object_size(result(shown)), ELEMENTS(members));
	assert_string_equal(json_string_value(json_object_get(result(shown), "issuer")),
			    "CN=RootCA,O=Example");
	assert_string_equal(json_string_value(json_object_get(result(shown), "state")), "enabled");
	assert_string_equal(json_string_value(json_object_get(result(shown), "lastSerial")), "1");
	timers = call(CONTROL_TIMERS, "{}");
	assert_true(says(timers, "CRL UPDATE"));
	world_close();
}

/* The moments of a server's future, from the planner that will bring them; nothing is changed. */
static void what_will_come_is_shown(void **state)
{
	_cleanup_(control_jsonp) json_t *preview = NULL, *past = NULL, *unread = NULL, *near = NULL;
	const json_t *events;

	(void)state;
	world_open("", "");
	preview = call(CONTROL_SERVER_PREVIEW, "{\"label\": \"CA\"}");
	events = json_object_get(result(preview), "events");
	assert_true(json_array_size(events) > 1);
	assert_true(says(json_array_get(events, 0), "CRL UPDATE"));
	assert_true(says(preview, "CERT EXPIRE"));
	assert_true(json_is_false(json_object_get(result(preview), "more")));
	past = call(CONTROL_SERVER_PREVIEW, "{\"label\": \"CA\", \"until\": \"2001-01-01\"}");
	assert_true(says(past, "is no time to come"));
	unread = call(CONTROL_SERVER_PREVIEW, "{\"label\": \"CA\", \"until\": \"soon\"}");
	assert_true(says(unread, "is no time to come"));
	near = call(CONTROL_SERVER_PREVIEW, "{\"label\": \"CA\", \"until\": \"9999-01-01\"}");
	assert_true(json_array_size(json_object_get(result(near), "events")) >=
		    json_array_size(events));
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_will_come_is_shown),
		cmocka_unit_test(a_challenge_is_shown_to_nobody),
		cmocka_unit_test(an_act_on_several),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(a_server_is_shown),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
