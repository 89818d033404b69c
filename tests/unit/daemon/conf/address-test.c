/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/conf/address.h"
#include <netdb.h>
#include <string.h>

static const struct {
	struct span text;
	const char *host, *port; /* NULL: refused */
} rows[] = {
	{SPAN_LITERAL("127.0.0.1:80"), "127.0.0.1", "80"},
	{SPAN_LITERAL("0.0.0.0:65535"), "0.0.0.0", "65535"},
	{SPAN_LITERAL("127.0.0.1:1024"), "127.0.0.1", "1024"},
	{SPAN_LITERAL("127.0.0.1:1023"), NULL, NULL},
	{SPAN_LITERAL("[::]:443"), NULL, NULL},
	{SPAN_LITERAL("127.0.0.1:79"), NULL, NULL},
	{SPAN_LITERAL("127.0.0.1:81"), NULL, NULL},
	{SPAN_LITERAL("[::]:80"), "::", "80"},
	{SPAN_LITERAL("[2001:DB8:1:1::1]:8080"), "2001:db8:1:1::1", "8080"},
	{SPAN_LITERAL("::1:80"), NULL, NULL},
	{SPAN_LITERAL("[::1]"), NULL, NULL},
	{SPAN_LITERAL("[127.0.0.1]:80"), NULL, NULL},
	{SPAN_LITERAL("127.0.0.1"), NULL, NULL},
	{SPAN_LITERAL("127.0.0.1:"), NULL, NULL},
	{SPAN_LITERAL("127.0.0.1:0"), NULL, NULL},
	{SPAN_LITERAL("127.0.0.1:65536"), NULL, NULL},
	{SPAN_LITERAL("127.0.0.1:80 "), NULL, NULL},
	{SPAN_LITERAL(" 127.0.0.1:80"), NULL, NULL},
	{SPAN_LITERAL("127.0.0.1\0:80"), NULL, NULL},
	{SPAN_LITERAL("localhost:80"), NULL, NULL},
	{SPAN_LITERAL(":80"), NULL, NULL},
	{SPAN_LITERAL("[]:80"), NULL, NULL},
	{SPAN_LITERAL("]:80"), NULL, NULL},
	{SPAN_LITERAL(""), NULL, NULL},
	{SPAN_LITERAL("[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa]:80"), NULL, NULL},
};

static void addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct sockaddr_storage address;
		socklen_t size = 0;
		char host[64], port[8];
		int r = conf_read_address(rows[i].text, &address, &size);

		print_message("%.*s\n", (int)rows[i].text.size, (const char *)rows[i].text.data);
		assert_int_equal(r, rows[i].host ? 0 : -EINVAL);
		if (r < 0)
			continue;
		assert_int_equal(getnameinfo((const struct sockaddr *)&address, size, host,
					     sizeof(host), port, sizeof(port),
					     NI_NUMERICHOST | NI_NUMERICSERV),
				 0);
		assert_string_equal(host, rows[i].host);
		assert_string_equal(port, rows[i].port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(addresses)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
