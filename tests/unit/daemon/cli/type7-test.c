/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/type7.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *hidden;
	const char *plain; /* NULL: none of them */
} rows[] = {
	{"01100F175804575D72", "cisco123"},
	{"01100f175804575d72", "cisco123"},
	{"12141C0713181F13253920", "mypassword"},
	{"", NULL},
	{"01", NULL},
	{"0110F", NULL},
	{"16100F", NULL},
	{"-1100F", NULL},
	{"zz100F", NULL},
	{"01100G", NULL},
};

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(secret_done) struct secret plain = {};
		int r = type7_read(span_of_text(rows[i].hidden), &plain);

		if (!rows[i].plain) {
			assert_int_equal(r, -EINVAL);
			continue;
		}
		assert_int_equal(r, 0);
		assert_int_equal(plain.size, strlen(rows[i].plain));
		assert_memory_equal(plain.data, rows[i].plain, plain.size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_row)};

	secret_allow_unlocked();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
