/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/print-preview.h"
#include "tests/unit/daemon/cli/printed.h"

static void runs_of_one_kind_are_one_line(void **state)
{
	(void)state;
	print(print_preview,
	      "{\"server\": \"CA\", \"until\": \"2017-10-09T13:14:16Z\", \"more\": false, "
	      "\"events\": ["
	      "{\"when\": \"2017-07-01T00:00:00Z\", \"event\": \"CRL UPDATE\", \"generation\": 1},"
	      "{\"when\": \"2017-07-04T12:00:00Z\", \"event\": \"CRL UPDATE\", \"generation\": 1},"
	      "{\"when\": \"2017-07-08T00:00:00Z\", \"event\": \"CRL UPDATE\", \"generation\": 1},"
	      "{\"when\": \"2017-07-10T13:14:16Z\", \"event\": \"SHADOW CERT GENERATION\","
	      " \"generation\": 2},"
	      "{\"when\": \"2017-07-11T12:00:00Z\", \"event\": \"CRL UPDATE\", \"generation\": 1},"
	      "{\"when\": \"2017-10-08T13:14:16Z\", \"event\": \"CRL UPDATE\", \"generation\": 2},"
	      "{\"when\": \"2017-10-09T00:00:00Z\", \"event\": \"REQUEST CLEANUP\","
	      " \"generation\": 0}]}");
	assert_string_equal(
		output,
		"2017-07-01T00:00:00Z  CRL UPDATE               of generation 1, and 2 more until "
		"2017-07-08T00:00:00Z\n"
		"2017-07-10T13:14:16Z  SHADOW CERT GENERATION   of generation 2\n"
		"2017-07-11T12:00:00Z  CRL UPDATE               of generation 1\n"
		"2017-10-08T13:14:16Z  CRL UPDATE               of generation 2\n"
		"2017-10-09T00:00:00Z  REQUEST CLEANUP         \n"
		"That is all until 2017-10-09T13:14:16Z\n");
}

static void that_there_is_more_is_said(void **state)
{
	(void)state;
	print(print_preview, "{\"server\": \"CA\", \"until\": \"2017-10-09T13:14:16Z\","
			     " \"more\": true, \"events\": []}");
	assert_string_equal(output, "There is more until 2017-10-09T13:14:16Z\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_of_one_kind_are_one_line),
		cmocka_unit_test(that_there_is_more_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
