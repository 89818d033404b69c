/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as people see them. */
#include "daemon/base/err.h"
#include "daemon/cli/print-server.h"
#include "tests/unit/daemon/cli/printed.h"
/* Whoever wrote it: no line, colour or cursor of a foreigner's reaches the terminal. */
static void foreign_texts_are_escaped(void **state)
{
	static void (*const functions[])(const json_t *answer) = {
		print_object, print_requests, print_certificates, print_done,
		print_tokens, print_timers,   print_status,	  print_server,
	};
	static const char hostile[] =
		"{\"name\": \"S\", \"id\": \"E\\u001b[2J\", \"state\": \"E\\u001b[2J\","
		" \"reason\": \"E\\u001b[2J\", \"issuer\": \"E\\u001b[2J\","
		" \"requests\": [{\"id\": 1, \"class\": \"router\", \"renewal\": false, "
		"\"subject\": \"E\\u001b[2J\"}],"
		" \"certificates\": [{\"subject\": \"E\\u001b[2J\"}],"
		" \"failed\": [{\"id\": 1, \"reason\": \"E\\u001b[2J\"}],"
		" \"tokens\": [{\"name\": \"t\", \"label\": \"E\\u001b[2J\"}],"
		" \"timers\": [{\"server\": \"E\\u001b[2J\"}],"
		" \"servers\": [{\"name\": \"E\\u001b[2J\"}]}";

	(void)state;
	for (size_t i = 0; i < ELEMENTS(functions); i++) {
		print(functions[i], hostile);
		assert_true(says("E\\x1b[2J"));
		assert_false(says("\x1b"));
	}
}

static void requests_of_a_section(void **state)
{
	(void)state;
	print(print_requests, "{\"requests\": [{\"id\": 2, \"state\": \"pending\", "
			      "\"fingerprint\": \"88F547A407FA0C90F97CDE8900A30CB0\", "
			      "\"subject\": \"hostname=r,cn=b\"}]}");
	assert_string_equal(output, "2      pending     88F547A407FA0C90F97CDE8900A30CB0  "
				    "hostname=r,cn=b\n");
}

/* A line each; PEM keeps its own lines. */
static void members_of_an_object(void **state)
{
	(void)state;
	print(print_object, "{\"a\": \"x\", \"b\": {\"c\": true}, \"d\": null, \"e\": \"-\\n\","
			    " \"pem\": \"-----BEGIN X\\n-\\n\"}");
	assert_string_equal(output, "a: x\nb: \n    c: yes\nd: -\ne: -\\x0a\n-----BEGIN X\n-\n");
}

/* What else its subject holds is no part of what was revoked: it is said on standard error. */
static void a_revocation(void **state)
{
	(void)state;
	print(print_revoked, "{\"serial\": \"02\", \"beside\": [{\"serial\": \"07\","
			     " \"standing\": \"rollover\"}]}");
	assert_string_equal(output, "serial: 02\n");
}

static void what_was_done_and_what_not(void **state)
{
	static const struct {
		const char *answer, *line;
		bool has_failures;
	} rows[] = {
		{"{\"done\": [3], \"failed\": []}", "request 3: done\n", false},
		{"{\"done\": [], \"failed\": [{\"id\": 4, \"reason\": \"no\"}]}", "request 4: no\n",
		 true},
		{"{\"done\": [], \"failed\": []}", "no request waits\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		json_t *answer = json_loads(rows[i].answer, 0, NULL);

		print(print_done, rows[i].answer);
		assert_string_equal(output, rows[i].line);
		assert_int_equal(print_has_failures(answer), rows[i].has_failures);
		json_decref(answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_texts_are_escaped),
		cmocka_unit_test(requests_of_a_section),
		cmocka_unit_test(members_of_an_object),
		cmocka_unit_test(a_revocation),
		cmocka_unit_test(what_was_done_and_what_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
