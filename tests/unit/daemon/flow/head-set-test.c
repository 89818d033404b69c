/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/head-set.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MANY 5000

static void head_of(int i, uint8_t ret[static SHA256_SIZE])
{
	sha256(SPAN(&i, sizeof(i)), ret);
}

static void all_that_was_added_is_found(void **state)
{
	_cleanup_(head_set_done) struct head_set set = {};
	uint8_t head[SHA256_SIZE];

	(void)state;
	head_of(0, head);
	assert_null(head_set_find(&set, head));
	for (int i = 1; i <= MANY; i++) {
		head_of(i, head);
		assert_int_equal(head_set_add(&set, head, i), 0);
		assert_int_equal(head_set_add(&set, head, i + 1), 0); /* there already */
	}
	assert_int_equal(set.n, MANY);
	for (int i = 1; i <= MANY; i++) {
		head_of(i, head);
		assert_non_null(head_set_find(&set, head));
		assert_int_equal(head_set_find(&set, head)->number, i);
	}
	head_of(0, head);
	assert_null(head_set_find(&set, head));
}

/* Those that begin alike take neighbouring places. */
static void heads_that_begin_alike_are_told_apart(void **state)
{
	_cleanup_(head_set_done) struct head_set set = {};
	uint8_t head[SHA256_SIZE] = {};

	(void)state;
	for (uint8_t i = 1; i < 200; i++) {
		head[31] = i;
		assert_int_equal(head_set_add(&set, head, i), 0);
	}
	for (uint8_t i = 1; i < 200; i++) {
		head[31] = i;
		assert_int_equal(head_set_find(&set, head)->number, i);
	}
	head[31] = 200;
	assert_null(head_set_find(&set, head));
}

static int begin(void **state)
{
	(void)state;
	crypto_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_was_added_is_found),
		cmocka_unit_test(heads_that_begin_alike_are_told_apart),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
