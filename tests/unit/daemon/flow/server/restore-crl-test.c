/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/server/restore-crl.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Entries: serial, time, and of one the reason. */
#define TIME                                                                                       \
	"\x17\x0d"                                                                                 \
	"260101000000Z"
#define REASON(n) "\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01" n
#define FIRST	  "\x30\x12\x02\x01\x09" TIME
#define SECOND	  "\x30\x20\x02\x01\x02" TIME REASON("\x01")
#define WIDE	  "\x30\x13\x02\x02\x01\x00" TIME

static void entries_come_in_order(void **state)
{
	struct restore_revoked revoked = {0};

	(void)state;
	assert_int_equal(restore_crl_list(SPAN_LITERAL(WIDE FIRST SECOND), &revoked), 0);
	assert_int_equal(revoked.n, 3);
	assert_int_equal(revoked.items[0].serial.data[0], 2);
	assert_int_equal(revoked.items[0].reason, 1);
	assert_int_equal(revoked.items[1].serial.data[0], 9);
	assert_int_equal(revoked.items[1].reason, 0);
	assert_int_equal(revoked.items[1].revoked_s, 1767225600);
	assert_int_equal(revoked.items[2].serial.size, 2);
	free(revoked.items);
}

static void what_is_wrong_is_none(void **state)
{
	static const struct span wrong[] = {
		{(const uint8_t *)FIRST FIRST, 2 * (sizeof(FIRST) - 1)},
		{(const uint8_t *)FIRST, sizeof(FIRST) - 2},
		{(const uint8_t *)"\x30\x20\x02\x01\x02" TIME REASON("\x0b"), 34},
		{(const uint8_t *)"\x30\x03\x02\x01\x02", 5},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(wrong); i++) {
		struct restore_revoked revoked = {0};

		assert_int_equal(restore_crl_list(wrong[i], &revoked), -EBADMSG);
		free(revoked.items);
	}
}

static void none_is_none(void **state)
{
	struct restore_revoked revoked = {0};

	(void)state;
	assert_int_equal(restore_crl_list((struct span){0}, &revoked), 0);
	assert_int_equal(revoked.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_in_order),
		cmocka_unit_test(what_is_wrong_is_none),
		cmocka_unit_test(none_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
