/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/checkpoint.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void due_once_something_was_recorded(void **state)
{
	static const struct {
		struct ca_checkpoint_facts facts;
		int64_t due_s;
	} rows[] = {
		{{.newest_seq = 0, .every_s = 10}, CA_CHECKPOINT_NEVER},
		{{.newest_seq = 1, .since_s = 1000, .every_s = 10}, 1010},
		{{.newest_seq = 9, .last_seq = 8, .since_s = 1000, .every_s = 10}, 1010},
		{{.newest_seq = 8, .last_seq = 8, .since_s = 1000, .every_s = 10},
		 CA_CHECKPOINT_NEVER},
		/* Shortened: nothing is signed over it. */
		{{.newest_seq = 7, .last_seq = 8, .since_s = 1000, .every_s = 10},
		 CA_CHECKPOINT_NEVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(ca_checkpoint_due_s(&rows[i].facts), rows[i].due_s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(due_once_something_was_recorded)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
