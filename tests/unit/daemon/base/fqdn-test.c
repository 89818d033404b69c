/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/fqdn.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *host, *resolver, *expected;
} cases[] = {
	{"router20", "domain example.com\n", "router20.example.com"},
	{"router20", "nameserver 192.0.2.1\nsearch example.com example.org\n",
	 "router20.example.com"},
	/* The later of the two counts. */
	{"router20", "search example.org\ndomain example.com", "router20.example.com"},
	{"router20", "domain example.com\n search\texample.org\r\n", "router20.example.org"},
	/* A dot makes it whole. */
	{"router20.example.net", "domain example.com\n", "router20.example.net"},
	{"router20.example.net.", "domain example.com\n", "router20.example.net"},
	{"router20", "domain example.com.\n", "router20.example.com"},
	/* No domain. */
	{"router20", "", "router20"},
	{"router20", "search .\n", "router20"},
	{"router20", "domain\n", "router20"},
	{"router20", "# domain example.com\n; search example.com\noptions ndots:1\n", "router20"},
	{"router20", "domains example.com\n", "router20"},
	{"router20", "\n\n\n", "router20"},
};

static void host_and_domain(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(freep) char *name = NULL;

		assert_int_equal(fqdn_of(cases[i].host, span_of_text(cases[i].resolver), &name), 0);
		assert_string_equal(name, cases[i].expected);
	}
}

static void no_host_is_none(void **state)
{
	char *name = NULL;

	(void)state;
	assert_int_equal(fqdn_of("", SPAN_LITERAL("domain example.com\n"), &name), -EINVAL);
	assert_int_equal(fqdn_of(".", SPAN_LITERAL("domain example.com\n"), &name), -EINVAL);
	assert_null(name);
}

static void this_host_has_one(void **state)
{
	_cleanup_(freep) char *name = NULL;

	(void)state;
	assert_int_equal(fqdn_read(&name), 0);
	assert_true(strlen(name) > 0);
	assert_true(name[strlen(name) - 1] != '.');
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_and_domain),
		cmocka_unit_test(no_host_is_none),
		cmocka_unit_test(this_host_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
