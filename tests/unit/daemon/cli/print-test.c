/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as people see them. */
#include "daemon/base/err.h"
#include "daemon/cli/print.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char output[8192];

/* What a function prints of this JSON, in `output`. */
static void print(void (*function)(const json_t *answer), const char *text)
{
	json_t *answer = json_loads(text, 0, NULL);
	int terminal = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	size_t n;

	assert_non_null(answer);
	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	function(answer);
	fflush(stdout);
	dup2(terminal, STDOUT_FILENO);
	close(terminal);
	rewind(file);
	n = fread(output, 1, sizeof(output) - 1, file);
	output[n] = '\0';
	fclose(file);
	json_decref(answer);
}

static bool says(const char *text)
{
	return strstr(output, text);
}

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

/* In the order of IOS's sections; an empty one keeps its header. */
static void requests_by_class(void **state)
{
	(void)state;
	print(print_requests, "{\"requests\": ["
			      "{\"id\": 2, \"state\": \"pending\", \"class\": \"router\", "
			      "\"renewal\": true, \"subject\": \"CN=b\"},"
			      "{\"id\": 1, \"state\": \"granted\", \"class\": \"ra\", \"renewal\": "
			      "false, \"subject\": \"CN=a\"}]}");
	assert_true(says("Subordinate CA certificate requests:\nReqID "));
	assert_true(strstr(output, "RA certificate requests:") < strstr(output, "CN=a"));
	assert_true(strstr(output, "CN=a") < strstr(output, "Router certificate requests:"));
	assert_true(strstr(output, "Router renewal requests:") < strstr(output, "CN=b"));
}

/* A line each; PEM keeps its own lines. */
static void members_of_an_object(void **state)
{
	(void)state;
	print(print_object, "{\"a\": \"x\", \"b\": {\"c\": true}, \"d\": null, \"e\": \"-\\n\","
			    " \"pem\": \"-----BEGIN X\\n-\\n\"}");
	assert_string_equal(output, "a: x\nb: \n    c: yes\nd: -\ne: -\\x0a\n-----BEGIN X\n-\n");
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

static void a_server_as_ios_shows_it(void **state)
{
	(void)state;
	print(print_server,
	      "{\"name\": \"CA\", \"state\": \"enabled\", \"reason\": \"\", \"mode\": \"root\","
	      " \"issuer\": \"CN=O'Hara\", \"fingerprints\": {\"md5\": \"M\", \"sha1\": \"S\", "
	      "\"sha256\": \"T\"},"
	      " \"grant\": \"auto\", \"lastSerial\": \"2\", \"caNotAfter\": null}");
	assert_true(says("Certificate Server CA:\n"));
	assert_false(says("Reason"));
	assert_true(says("CA cert fingerprint SHA256: T\n"));
	assert_true(says("Issuer name: CN=O'Hara\n"));
	assert_true(says("Last certificate issued serial number (hex): 2\n"));
	assert_true(says("CA certificate expiration timer: -\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_texts_are_escaped),
		cmocka_unit_test(requests_by_class),
		cmocka_unit_test(members_of_an_object),
		cmocka_unit_test(what_was_done_and_what_not),
		cmocka_unit_test(a_server_as_ios_shows_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
