/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/url.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_schemes(void **state)
{
	static const struct {
		const char *text, *scheme, *redirects;
	} cases[] = {
		{"http://ca.example/crl", "http", "http,https"},
		{"HTTP://ca.example/crl", "http", "http,https"},
		{"https://[2001:db8::1]:8443/crl", "https", "https"},
		{"ftp://192.0.2.1/pub/x", "ftp", NULL},
		{"tftp://192.0.2.1/x", "tftp", NULL},
		{"sftp://host/~/x", "sftp", NULL},
		{"ldap://h/CN=Root CA,O=Lab", "ldap", NULL},
		{"LDAPS://[::1]:6360/cn=x?cn?base", "ldaps", NULL},
		{"http://h/a%20b?c=d&e", "http", "http,https"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(url_done) struct url url = {};
		_cleanup_(freep) char *reason = NULL;

		assert_int_equal(url_read(span_of_text(cases[i].text), &url, &reason), 0);
		assert_null(reason);
		assert_string_equal(url.scheme->name, cases[i].scheme);
		assert_string_equal(url.text, cases[i].text);
		if (cases[i].redirects)
			assert_string_equal(url.scheme->redirects, cases[i].redirects);
		else
			assert_null(url.scheme->redirects);
	}
}

static void what_is_refused_says_why(void **state)
{
	static const struct {
		struct span text;
		const char *words;
	} cases[] = {
		{SPAN_LITERAL("file:///etc/shadow"), "only http"},
		{SPAN_LITERAL("ldapi://h/x"), "only http"},
		{SPAN_LITERAL("ldap://h/"), "names no entry"},
		{SPAN_LITERAL("ldap:///cn=x"), "URL"},
		{SPAN_LITERAL("ldap://h/cn=x??sub"), "scope"},
		{SPAN_LITERAL("http://h/a b"), "URL"},
		{SPAN_LITERAL("smb://h/x"), "only http"},
		{SPAN_LITERAL("javascript:alert(1)"), "URL"},
		{SPAN_LITERAL("ca.example/crl"), "URL"},
		{SPAN_LITERAL("/srv/crl"), "URL"},
		{SPAN_LITERAL(""), "URL"},
		{SPAN_LITERAL("http://h:99999/x"), "URL"},
		{SPAN_LITERAL("http://[::g]/x"), "URL"},
		{SPAN_LITERAL("http://2001:db8::1/x"), "in brackets"},
		{SPAN_LITERAL("http://h/\nx"), "URL"},
		{SPAN_LITERAL("http://h/x#y"), "fragment"},
		{SPAN_LITERAL("http://h/\0x"), "NUL"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(url_done) struct url url = {};
		_cleanup_(freep) char *reason = NULL;

		assert_int_equal(url_read(cases[i].text, &url, &reason), URL_REFUSED);
		assert_non_null(strstr(reason, cases[i].words));
		assert_null(url.parts);
	}
}

static void a_login_in_a_url_is_neither_taken_nor_told(void **state)
{
	static const char *const cases[] = {"http://joe:geheim@h/x", "ftp://:geheim@h/x",
					    "sftp://geheim@h/x", "file://joe:geheim@h/x"};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(url_done) struct url url = {};
		_cleanup_(freep) char *reason = NULL;

		assert_int_equal(url_read(span_of_text(cases[i]), &url, &reason), URL_REFUSED);
		assert_null(strstr(reason, "geheim"));
		assert_null(strstr(reason, "joe"));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schemes),
		cmocka_unit_test(what_is_refused_says_why),
		cmocka_unit_test(a_login_in_a_url_is_neither_taken_nor_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
