/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/url.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *url, *wanted;
} good[] = {
	{"http://ca", "http://ca/cgi-bin/pkiclient.exe?operation=GetCACert&message=my%20tp"},
	{"http://ca/", "http://ca/cgi-bin/pkiclient.exe?operation=GetCACert&message=my%20tp"},
	{"HTTP://ca:80", "HTTP://ca:80/cgi-bin/pkiclient.exe?operation=GetCACert&message=my%20tp"},
	{"https://ca.example.org:8443/scep/SUB",
	 "https://ca.example.org:8443/scep/SUB?operation=GetCACert&message=my%20tp"},
	{"http://10.0.0.1/certsrv/mscep/mscep.dll",
	 "http://10.0.0.1/certsrv/mscep/mscep.dll?operation=GetCACert&message=my%20tp"},
	{"http://[2001:DB8:1:1::1]:80",
	 "http://[2001:DB8:1:1::1]:80/cgi-bin/pkiclient.exe?operation=GetCACert&message=my%20tp"},
	{"http://[::1]/x%20y", "http://[::1]/x%20y?operation=GetCACert&message=my%20tp"},
};

static void a_path_is_kept_and_a_missing_one_is_the_routers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(good); i++) {
		_cleanup_(freep) char *made = NULL, *reason = NULL;

		assert_int_equal(trustpoint_url_check(good[i].url, &reason), 0);
		assert_int_equal(
			trustpoint_url_make(good[i].url, "GetCACert", SPAN_LITERAL("my tp"), &made),
			0);
		assert_string_equal(made, good[i].wanted);
	}
}

static const struct {
	const char *url, *says;
} bad[] = {
	{"", "begins with neither"},
	{"ca.example.org", "begins with neither"},
	{"ftp://ca", "scheme"},
	{"file:///etc/passwd", "scheme"},
	{"http://", "names no host"},
	{"http:///scep", "names no host"},
	{"http://:80/", "names no host"},
	{"http://2001:db8::1/scep", "brackets"},
	{"http://2001:db8::1", "brackets"},
	{"http://[2001:db8::1/scep", "bracket"},
	{"http://[]/", "no IPv6 address"},
	{"http://[10.0.0.1]/", "no IPv6 address"},
	{"http://[::1%eth0]/", "no IPv6 address"},
	{"http://[::1]80/", "port"},
	{"http://ca:/", "port"},
	{"http://ca:0/", "port"},
	{"http://ca:65536/", "port"},
	{"http://user:word@ca/", "user"},
	{"http://ca@evil/", "user"},
	{"http://c a/", "character"},
	{"http://ca/a b", "percent-escaped"},
	{"http://ca/\nX", "percent-escaped"},
	{"http://ca/scep?operation=x", "query"},
	{"http://ca?x", "query"},
	{"http://ca/#x", "query"},
};

static void what_is_none_is_refused_with_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		_cleanup_(freep) char *made = NULL, *reason = NULL;

		assert_int_equal(trustpoint_url_check(bad[i].url, &reason), TRUSTPOINT_URL_REFUSED);
		assert_non_null(strstr(reason, "EnrollmentURL="));
		if (!strstr(reason, bad[i].says))
			fail_msg("%s: %s", bad[i].url, reason);
		assert_int_equal(
			trustpoint_url_make(bad[i].url, "GetCACert", (struct span){}, &made),
			-EINVAL);
	}
}

static void a_message_by_get_is_base64_and_escaped(void **state)
{
	_cleanup_(freep) char *made = NULL, *posted = NULL;

	(void)state;
	assert_int_equal(trustpoint_url_make_get("http://ca/scep/A",
						 SPAN_LITERAL("\xfb\xff\xbf\x30"), &made),
			 0);
	assert_string_equal(made,
			    "http://ca/scep/A?operation=PKIOperation&message=%2B%2F%2B%2FMA%3D%3D");
	assert_int_equal(
		trustpoint_url_make("http://ca/scep/A", "PKIOperation", (struct span){}, &posted),
		0);
	assert_string_equal(posted, "http://ca/scep/A?operation=PKIOperation");
}

static void terminal_is_a_word(void **state)
{
	(void)state;
	assert_true(trustpoint_url_is_terminal("terminal"));
	assert_true(trustpoint_url_is_terminal("Terminal"));
	assert_false(trustpoint_url_is_terminal("http://terminal"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_kept_and_a_missing_one_is_the_routers),
		cmocka_unit_test(what_is_none_is_refused_with_its_reason),
		cmocka_unit_test(a_message_by_get_is_base64_and_escaped),
		cmocka_unit_test(terminal_is_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
