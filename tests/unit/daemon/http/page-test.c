/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/page.h"
#include <string.h>

static struct conf_server servers[] = {{.label = "ROOTCA"}, {.label = "two"}};
static const struct conf both = {.servers = servers, .n_servers = 2};
static const struct conf none;

static char *refusal(const struct conf *conf, const char *host, const struct route *route)
{
	struct buffer out = {0};
	char *text;

	page_append_refusal(&out, conf, host, route);
	assert_int_equal(buffer_take_text(&out, &text), 0);
	return text;
}

static const struct {
	const struct conf *conf;
	const char *host;
	struct route route;
	const char *text;
} rows[] = {
	{&both,
	 "ca:8080",
	 {.refusal = ROUTE_NO_OPERATION, .server = &servers[0]},
	 "operation= is missing or unknown; right would be "
	 "http://ca:8080/scep/ROOTCA?operation=GetCACert\n"},
	{&both,
	 NULL,
	 {.refusal = ROUTE_NO_OPERATION, .server = &servers[1]},
	 "operation= is missing or unknown; right would be /scep/two?operation=GetCACert\n"},
	{&both,
	 "[::1]:80",
	 {.refusal = ROUTE_NO_MESSAGE, .server = &servers[0]},
	 "message= is missing; right would be "
	 "http://[::1]:80/scep/ROOTCA?operation=PKIOperation&message=…\n"},
	{&both,
	 "ca",
	 {.refusal = ROUTE_NO_SERVER},
	 "this URL names no certificate server of this host; there are\n"
	 "http://ca/scep/ROOTCA\nhttp://ca/scep/two\n"},
	{&none,
	 "ca",
	 {.refusal = ROUTE_NO_SERVER},
	 "this URL names no certificate server of this host; no certificate server is "
	 "configured\n"},
};

static void refusals_name_the_right_url(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *text = refusal(rows[i].conf, rows[i].host, &rows[i].route);
		assert_string_equal(text, rows[i].text);
	}
}

static void hostile_hosts_are_not_repeated(void **state)
{
	(void)state;
	static const char *const hosts[] = {
		"<script>",
		"a b",
		"a/b",
		"a\"b",
		"a\nb",
		"",
		"a@b",
		"\xe4",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaa"
		"a",
	};
	const struct route route = {.refusal = ROUTE_NO_OPERATION, .server = &servers[0]};

	for (size_t i = 0; i < ELEMENTS(hosts); i++) {
		_cleanup_(freep) char *text = refusal(&both, hosts[i], &route);
		assert_string_equal(text, "operation= is missing or unknown; right would be "
					  "/scep/ROOTCA?operation=GetCACert\n");
	}
}

static void status_page(void **state)
{
	(void)state;
	struct buffer out = {0};
	_cleanup_(freep) char *text = NULL;

	page_append_status(&out, &both, "ca");
	assert_int_equal(buffer_take_text(&out, &text), 0);
	assert_non_null(strstr(text, "<h2>ROOTCA</h2>"));
	assert_non_null(strstr(text, "http://ca/scep/two<"));
	assert_non_null(strstr(text, "<a href=\"/crl/ROOTCA.crl\">"));
	assert_non_null(strstr(text, "<a href=\"/ca/two.crt\">"));
	assert_non_null(strstr(text, "</html>\n"));
}

static void status_page_without_servers(void **state)
{
	(void)state;
	struct buffer out = {0};
	_cleanup_(freep) char *text = NULL;

	page_append_status(&out, &none, "ca");
	assert_int_equal(buffer_take_text(&out, &text), 0);
	assert_non_null(strstr(text, "None is configured"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_name_the_right_url),
		cmocka_unit_test(hostile_hosts_are_not_repeated),
		cmocka_unit_test(status_page),
		cmocka_unit_test(status_page_without_servers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
