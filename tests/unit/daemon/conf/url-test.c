/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/conf/url.h"

static const struct {
	const char *text;
	int outcome;
	enum conf_scheme scheme;
	const char *authority, *path;
} rows[] = {
	{"/srv/ca", 0, CONF_SCHEME_FILE, "", "/srv/ca"},
	{"file:///srv/ca", 0, CONF_SCHEME_FILE, "", "/srv/ca"},
	{"http://h", 0, CONF_SCHEME_HTTP, "h", ""},
	{"https://h:8443/a?b=/c@d", 0, CONF_SCHEME_HTTPS, "h:8443", "/a?b=/c@d"},
	{"http://h?x", 0, CONF_SCHEME_HTTP, "h", "?x"},
	{"ftp://h/a/", 0, CONF_SCHEME_FTP, "h", "/a/"},
	{"tftp://192.0.2.1/a", 0, CONF_SCHEME_TFTP, "192.0.2.1", "/a"},
	{"sftp://[2001:db8::1]:2222/a", 0, CONF_SCHEME_SFTP, "[2001:db8::1]:2222", "/a"},
	{"", CONF_URL_SCHEME, 0, NULL, NULL},
	{"h/a", CONF_URL_SCHEME, 0, NULL, NULL},
	{"flash:ca", CONF_URL_SCHEME, 0, NULL, NULL},
	{"http:", CONF_URL_SCHEME, 0, NULL, NULL},
	{"file://h/x", CONF_URL_SHAPE, 0, NULL, NULL},
	{"file://", CONF_URL_SHAPE, 0, NULL, NULL},
	{"ftp:///x", CONF_URL_SHAPE, 0, NULL, NULL},
	{"ftp://h/\x7f", CONF_URL_SHAPE, 0, NULL, NULL},
	{"ftp://u:p@h/x", CONF_URL_USER, 0, NULL, NULL},
};

static void urls(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct conf_url url;
		int r = conf_url_read(span_of_text(rows[i].text), &url);

		print_message("%s\n", rows[i].text);
		assert_int_equal(r, rows[i].outcome);
		if (r)
			continue;
		assert_int_equal(url.scheme, rows[i].scheme);
		assert_true(span_equal(url.authority, span_of_text(rows[i].authority)));
		assert_true(span_equal(url.path, span_of_text(rows[i].path)));
	}
}

static void same_places(void **state)
{
	(void)state;
	assert_true(conf_url_same("/a", "file:///a//"));
	assert_true(conf_url_same("ftp://h/a", "ftp://h/a/"));
	assert_true(conf_url_same("/", "file:///"));
	assert_false(conf_url_same("/a", "/a/b"));
	assert_false(conf_url_same("ftp://h/a", "tftp://h/a"));
	assert_false(conf_url_same("ftp://h/a", "ftp://i/a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test(same_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
