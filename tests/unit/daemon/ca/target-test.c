/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/target.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1700000000)

static const struct ca_target_facts facts = {
	.certificate_id = 70, .last_counter = 12, .crl_changes = 5};

static void what_stands_there_is_counted_by_type(void **state)
{
	static const struct ca_target_facts none = {};

	(void)state;
	assert_int_equal(ca_target_goal(CA_FILE_SER, &facts), 12);
	assert_int_equal(ca_target_goal(CA_FILE_CRL, &facts), 5);
	assert_int_equal(ca_target_goal(CA_FILE_CRT, &facts), 70);
	assert_int_equal(ca_target_goal(CA_FILE_CNM, &facts), 70);
	/* Put once, when made: nothing follows by itself. */
	assert_int_equal(ca_target_goal(CA_FILE_P12, &facts), 0);
	assert_int_equal(ca_target_goal(CA_FILE_PEM, &facts), 0);
	for (enum ca_file file = 0; file < CA_FILES_; file++)
		assert_int_equal(ca_target_goal(file, &none), 0);
}

static void only_what_is_behind_is_due(void **state)
{
	struct ca_target_record record = {.file = CA_FILE_CRL};
	static const struct ca_target_facts none = {};
	int64_t when_s = -1;

	(void)state;
	assert_false(ca_target_when(&record, &none, NOW, &when_s));
	assert_true(ca_target_when(&record, &facts, NOW, &when_s));
	assert_true(when_s <= NOW);
	ca_target_advance(&record, 4);
	assert_true(ca_target_when(&record, &facts, NOW, &when_s));
	ca_target_advance(&record, 5);
	assert_false(ca_target_when(&record, &facts, NOW, &when_s));
	/* It was found to be out of reach: tried until it is not. */
	assert_int_equal(ca_target_fail(&record, true, "gone", NOW), 0);
	assert_true(ca_target_when(&record, &facts, NOW, &when_s));
	assert_int_equal(when_s, NOW + 1);
	ca_target_advance(&record, 5);
	assert_false(ca_target_when(&record, &facts, NOW, &when_s));
}

/* An outage of days, then it works: when each try was, and that all is forgotten after. */
static void pauses_grow(void **state)
{
	static const int64_t near[] = {1, 2, 4, 8, 16, 30, 30},
			     far[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};
	static const struct {
		bool near;
		const int64_t *pauses;
		size_t n;
	} cases[] = {{true, near, ELEMENTS(near)}, {false, far, ELEMENTS(far)}};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct ca_target_record record = {.file = CA_FILE_CRT};
		int64_t now_s = NOW, when_s;

		for (size_t k = 0; k < cases[i].n; k++) {
			assert_int_equal(
				ca_target_fail(&record, cases[i].near, "no route to host", now_s),
				0);
			assert_true(ca_target_when(&record, &facts, now_s, &when_s));
			assert_int_equal(when_s - now_s, cases[i].pauses[k]);
			assert_int_equal(record.attempts, k + 1);
			assert_int_equal(record.first_failure_s, NOW);
			now_s = when_s;
		}
		for (size_t k = 0; k < 100000; k++)
			assert_int_equal(ca_target_fail(&record, cases[i].near, "still", now_s), 0);
		assert_int_equal(record.next_try_s - now_s, cases[i].pauses[cases[i].n - 1]);
		assert_string_equal(record.reason, "still");
		ca_target_advance(&record, 30);
		assert_int_equal(record.attempts, 0);
		assert_int_equal(record.first_failure_s, 0);
		assert_null(record.reason);
		assert_true(ca_target_when(&record, &facts, now_s, &when_s));
		assert_true(when_s <= now_s);
		ca_target_record_done(&record);
	}
}

static void a_clock_that_was_set_back_does_not_delay(void **state)
{
	struct ca_target_record record = {.file = CA_FILE_SER};
	int64_t when_s;

	(void)state;
	assert_int_equal(ca_target_fail(&record, false, "x", NOW + 86400), 0);
	assert_true(ca_target_when(&record, &facts, NOW, &when_s));
	assert_true(when_s <= NOW);
	ca_target_record_done(&record);
}

/*
 * Random lives: certificates come, the target works or not, the process dies between write and
 * record. At the end everything stands there, in order, and nothing was left out.
 */
static void nothing_is_left_out(void **state)
{
	unsigned seed = 4711;

	(void)state;
	for (unsigned life = 0; life < 200; life++) {
		struct ca_target_record record = {.file = CA_FILE_CRT};
		struct ca_target_facts so_far = {};
		int64_t now_s = NOW, when_s, written = 0;

		for (unsigned i = 0; i < 300; i++) {
			unsigned dice = (unsigned)rand_r(&seed) % 8;

			now_s += (int64_t)dice;
			if (dice < 3)
				so_far.certificate_id++;
			if (!ca_target_when(&record, &so_far, now_s, &when_s) || when_s > now_s)
				continue;
			if (dice == 3) {
				assert_int_equal(ca_target_fail(&record, dice & 1, "away", now_s),
						 0);
				continue;
			}
			/* One after the cursor; dice 4: killed before it is recorded. */
			assert_true(record.done <= written);
			if (record.done + 1 > written)
				written = record.done + 1;
			if (dice != 4)
				ca_target_advance(&record, record.done + 1);
		}
		for (now_s += CA_TARGET_PAUSE_MOST_S;
		     ca_target_when(&record, &so_far, now_s, &when_s);) {
			assert_true(when_s <= now_s);
			written = record.done + 1;
			ca_target_advance(&record, written);
		}
		assert_int_equal(record.done, so_far.certificate_id);
		assert_int_equal(written, so_far.certificate_id);
		ca_target_record_done(&record);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_there_is_counted_by_type),
		cmocka_unit_test(only_what_is_behind_is_due),
		cmocka_unit_test(pauses_grow),
		cmocka_unit_test(a_clock_that_was_set_back_does_not_delay),
		cmocka_unit_test(nothing_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
