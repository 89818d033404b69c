/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/peer-bucket.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *a, *b;
	bool same;
} rows[] = {
	{"192.0.2.1", "192.0.2.1", true},
	{"192.0.2.1", "192.0.2.2", false},
	{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true}, /* one /64 */
	{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
	{"2001:db8:1:2:0:0:0:1", "2001:db8:1:2::1", true}, /* spelt otherwise */
	{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},   /* mapped IPv4 is no /64 */
	{"router", "router", true},
	{"router", "", false},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		bool same = peer_bucket(span_of_text(rows[i].a)) ==
			    peer_bucket(span_of_text(rows[i].b));

		if (same != rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
