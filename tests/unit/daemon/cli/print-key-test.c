/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and their uses as people see them. */
#include "daemon/cli/print.h"
#include "tests/unit/daemon/cli/printed.h"

static const char two_rules[] =
	"{\"uses\": [{\"name\": \"web\", \"key\": \"vpn\", \"users\": [\"root\", \"33\"],"
	" \"units\": [\"nginx.service\"], \"for\": [\"tls\"], \"rateLimit\": 100, \"allowed\": 415,"
	" \"allowedFor\": {\"tls\": 412, \"ike\": 0, \"cms\": 3, \"any\": 0}, \"refused\": 2,"
	" \"failed\": 1, \"lastUse\": \"2027-01-02T03:04:05Z\", \"lastRefusal\":"
	" \"2027-01-02T03:04:06Z\", \"lastRefusalReason\": \"E\\u001b[2J\"},"
	" {\"name\": \"b\", \"key\": \"k\", \"users\": [\"jo\"], \"units\": [], \"for\":"
	" [\"ike\", \"any\"], \"rateLimit\": 1000, \"allowed\": 0, \"allowedFor\": {\"tls\": 0},"
	" \"refused\": 0, \"failed\": 0, \"lastUse\": null, \"lastRefusal\": null,"
	" \"lastRefusalReason\": null}]}";

static void uses(void **state)
{
	(void)state;
	print(print_key_uses, two_rules);
	assert_string_equal(output, "Use web\n"
				    "    key:     vpn\n"
				    "    users:   root 33\n"
				    "    units:   nginx.service\n"
				    "    for:     tls\n"
				    "    rate:    100 a second for each user\n"
				    "    allowed: 412 tls, 3 cms; last at 2027-01-02T03:04:05Z\n"
				    "    refused: 2; last at 2027-01-02T03:04:06Z\n"
				    "      E\\x1b[2J\n"
				    "    failed:  1\n"
				    "\n"
				    "Use b\n"
				    "    key:     k\n"
				    "    users:   jo\n"
				    "    units:   any\n"
				    "    for:     ike any\n"
				    "    rate:    1000 a second for each user\n"
				    "    allowed: nothing yet\n"
				    "    refused: 0\n");
}

static void no_uses(void **state)
{
	(void)state;
	print(print_key_uses, "{\"uses\": []}");
	assert_string_equal(output, "no [Use] section: no program but claviger's own uses a key\n");
}

#define KEY(name)                                                                                  \
	"{\"name\": \"" name "\", \"token\": \"soft\", \"usage\": \"signature\", \"bits\": 2048,"  \
	" \"usageWords\": \"Signature\", \"role\": \"identity\", \"present\": true,"               \
	" \"exportableWords\": \"Key is not exportable.\", \"publicKey\": \"3082010a02\"}"

static void keys_stand_one_below_the_other(void **state)
{
	(void)state;
	print(print_keys, "{\"keys\": [" KEY("a") ", " KEY("b") "]}");
	assert_true(says(" Key Data:\n  3082010a 02\n\n% Key pair was generated at: unknown\n"
			 "Key name: b\n"));
	print(print_keys_xr, "{\"keys\": [" KEY("a") ", " KEY("b") "]}");
	assert_string_equal(output, "Key label:a\nType      :RSA Signature\nSize      :2048\n"
				    "Created   :unknown\nData      :\n  3082010a 02\n\n"
				    "Key label:b\nType      :RSA Signature\nSize      :2048\n"
				    "Created   :unknown\nData      :\n  3082010a 02\n");
}

static void where_there_are_no_keys_ios_xr_says_nothing(void **state)
{
	(void)state;
	print(print_keys, "{\"keys\": []}");
	assert_string_equal(output, "no keys\n");
	print(print_keys_xr, "{\"keys\": []}");
	assert_string_equal(output, "");
}

static void strangers(void **state)
{
	(void)state;
	print(print_key_uses,
	      "{\"uses\": [], \"strangers\": {\"refused\": 0, \"lastRefusal\": null,"
	      " \"lastRefusalReason\": null}}");
	assert_string_equal(output, "no [Use] section: no program but claviger's own uses a key\n");
	print(print_key_uses,
	      "{\"uses\": [], \"strangers\": {\"refused\": 7, \"lastRefusal\":"
	      " \"2027-01-02T03:04:06Z\", \"lastRefusalReason\": \"E\\u001b[2J\"}}");
	assert_string_equal(output,
			    "no [Use] section: no program but claviger's own uses a key\n"
			    "\n"
			    "Refused to users of no section: 7; last at 2027-01-02T03:04:06Z\n"
			    "      E\\x1b[2J\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses),
		cmocka_unit_test(no_uses),
		cmocka_unit_test(keys_stand_one_below_the_other),
		cmocka_unit_test(where_there_are_no_keys_ios_xr_says_nothing),
		cmocka_unit_test(strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
