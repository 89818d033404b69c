/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/reply.h"
#include <string.h>

/* "Name: value" lines, as they go out. */
static char *headers_of(const struct reply *reply, int64_t now_s)
{
	struct reply_header headers[REPLY_HEADERS_MAX];
	size_t n = reply_headers(reply, now_s, headers);
	struct buffer out = {0};
	char *text;

	for (size_t i = 0; i < n; i++)
		buffer_printf(&out, "%s: %s\n", headers[i].name, headers[i].value);
	assert_int_equal(buffer_take_text(&out, &text), 0);
	return text;
}

static const struct {
	struct reply reply;
	int64_t now_s;
	const char *headers;
} rows[] = {
	/* A SCEP reply: exactly these, the dates all one. */
	{
		{.status = 200, .content_type = "application/x-pki-message"},
		1507464856,
		"Date: Sun, 08 Oct 2017 12:14:16 GMT\n"
		"Server: claviger\n"
		"Content-Type: application/x-pki-message\n"
		"Expires: Sun, 08 Oct 2017 12:14:16 GMT\n"
		"Last-Modified: Sun, 08 Oct 2017 12:14:16 GMT\n"
		"Cache-Control: no-store, no-cache, must-revalidate\n"
		"Pragma: no-cache\n"
		"Accept-Ranges: none\n",
	},
	{
		{.status = 503, .content_type = "text/plain", .retry_after_s = 10},
		4102444799,
		"Date: Thu, 31 Dec 2099 23:59:59 GMT\n"
		"Server: claviger\n"
		"Content-Type: text/plain\n"
		"Expires: Thu, 31 Dec 2099 23:59:59 GMT\n"
		"Last-Modified: Thu, 31 Dec 2099 23:59:59 GMT\n"
		"Cache-Control: no-store, no-cache, must-revalidate\n"
		"Pragma: no-cache\n"
		"Accept-Ranges: none\n"
		"Retry-After: 10\n",
	},
	/* A CRL may be kept until its nextUpdate. */
	{
		{.status = 200,
		 .content_type = "application/pkix-crl",
		 .cached = true,
		 .etag = "\"1-2-3\"",
		 .modified_s = 951782400,
		 .expires_s = 951868800},
		951868739,
		"Date: Tue, 29 Feb 2000 23:58:59 GMT\n"
		"Server: claviger\n"
		"Content-Type: application/pkix-crl\n"
		"Last-Modified: Tue, 29 Feb 2000 00:00:00 GMT\n"
		"Cache-Control: max-age=61\n"
		"ETag: \"1-2-3\"\n"
		"Accept-Ranges: none\n",
	},
};

static void whole_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(freep) char *text = headers_of(&rows[i].reply, rows[i].now_s);
		assert_string_equal(text, rows[i].headers);
	}
}

static const struct {
	int64_t expires_s, now_s;
	const char *line;
} ages[] = {
	{0, 1000, "Cache-Control: max-age=300\n"},
	{1001, 1000, "Cache-Control: max-age=1\n"},
	{1000, 1000, "Cache-Control: max-age=0\n"},
	{999, 1000, "Cache-Control: max-age=0\n"},
	{INT64_MAX, 0, "Cache-Control: max-age=9223372036854775807\n"},
};

static void how_long_files_are_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(ages); i++) {
		const struct reply reply = {.status = 200,
					    .content_type = "application/pkix-crl",
					    .cached = true,
					    .etag = "\"x\"",
					    .expires_s = ages[i].expires_s};
		_cleanup_(freep) char *text = headers_of(&reply, ages[i].now_s);
		assert_non_null(strstr(text, ages[i].line));
		assert_null(strstr(text, "Pragma"));
		assert_null(strstr(text, "Expires"));
	}
}

static void methods_are_named(void **state)
{
	(void)state;
	const struct reply reply = {.status = 405, .content_type = "text/plain"};
	_cleanup_(freep) char *text = headers_of(&reply, 0);

	assert_non_null(strstr(text, "\nAllow: GET, HEAD, POST\n"));
}

static const struct {
	const char *if_none_match, *etag;
	bool matches;
} tags[] = {
	{"\"a\"", "\"a\"", true},
	{"W/\"a\"", "\"a\"", true},
	{"\"b\", \"a\"", "\"a\"", true},
	{"\"b\",W/\"a\" ", "\"a\"", true},
	{"*", "\"a\"", true},
	{"\"b\"", "\"a\"", false},
	{"\"aa\"", "\"a\"", false},
	{"a", "\"a\"", false},
	{"\"a", "\"a\"", false},
	{"", "\"a\"", false},
	{" , ,", "\"a\"", false},
	{NULL, "\"a\"", false},
};

static void entity_tags(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(tags); i++)
		assert_int_equal(reply_matches(tags[i].if_none_match, tags[i].etag),
				 tags[i].matches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_sets),
		cmocka_unit_test(how_long_files_are_kept),
		cmocka_unit_test(methods_are_named),
		cmocka_unit_test(entity_tags),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
