/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch/sink.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void sinks_are_read(void **state)
{
	static const struct {
		const char *text, *user, *host;
		unsigned port;
	} cases[] = {
		{"v2c:192.0.2.1", "", "192.0.2.1", 162},
		{"v2c:nms.example:10162", "", "nms.example", 10162},
		{"v2c:[2001:db8::1]:1162", "", "2001:db8::1", 1162},
		{"v3:joe@[2001:db8::1]", "joe", "2001:db8::1", 162},
		{"v3:joe@home@192.0.2.1:1", "joe@home", "192.0.2.1", 1},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct sink sink = {};

		assert_int_equal(sink_read(span_of_text(cases[i].text), &sink), 0);
		assert_int_equal(sink.is_v3, *cases[i].user != 0);
		assert_true(span_equal(sink.user, span_of_text(cases[i].user)));
		assert_true(span_equal(sink.host.name, span_of_text(cases[i].host)));
		assert_int_equal(sink.host.port, cases[i].port);
	}
}

static void what_is_none_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"192.0.2.1",
		"v1:192.0.2.1",
		"V2C:192.0.2.1",
		"v2c:",
		"v2c:joe@h",
		"v2c:2001:db8::1",
		"v2c:h:0",
		"v2c:h:65536",
		"v2c:h:1x",
		"v2c:unix:/run/x",
		"v3:192.0.2.1",
		"v3:@h",
		"v3:joe@",
		"v2c:[192.0.2.1",
		"v2c:h/x",
		"v3:uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu@h",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct sink sink = {};

		assert_int_equal(sink_read(span_of_text(cases[i]), &sink), SINK_WRONG);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sinks_are_read),
		cmocka_unit_test(what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
