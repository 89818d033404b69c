/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/clock.h"
#include "daemon/flow/time-source.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HOLDOVER INT64_C(86400)

static struct time_source source_of(enum conf_time_source kind, int64_t holdover_s)
{
	const struct conf_daemon conf = {.time_source = kind, .holdover_s = holdover_s};
	static struct time_seen last;
	struct time_source source;

	time_seen_init(&last);
	time_source_init(&source, &conf, &last);
	return source;
}

/* As if NTP had been seen so long ago, the clock having run @step_s seconds too far since. */
static void saw_ntp(struct time_source *source, int64_t ago_s, int64_t step_s)
{
	source->last->seen = true;
	source->last->monotonic_ms = clock_monotonic_ms() - ago_s * 1000;
	source->last->s = clock_now_s() - ago_s - step_s;
}

static void the_operator_answers_for_his_own(void **state)
{
	struct time_source source = source_of(CONF_TIME_SOURCE_AUTHORITATIVE, 0);

	(void)state;
	assert_true(time_source_is_good(&source));
	time_seen_done(source.last);
}

/* What follows is told apart only where the kernel has no NTP; where it has, time is good. */
static void ntp_and_what_is_left_of_it(void **state)
{
	static const struct {
		bool seen;
		int64_t ago_s, step_s;
		bool good;
	} rows[] = {
		{false, 0, 0, false},		{true, 10, 0, true},
		{true, HOLDOVER - 10, 0, true}, {true, HOLDOVER + 10, 0, false},
		{true, 10, 50, true},		{true, 10, -50, true},
		{true, 10, 90, false},		{true, 10, -90, false},
	};
	bool synchronised = clock_is_synchronised();

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct time_source source = source_of(CONF_TIME_SOURCE_NTP, HOLDOVER);

		if (rows[i].seen)
			saw_ntp(&source, rows[i].ago_s, rows[i].step_s);
		assert_int_equal(time_source_is_good(&source), rows[i].good || synchronised);
		/* A step is not forgotten when it is undone. */
		if (rows[i].seen && rows[i].step_s > 60)
			source.last->s += rows[i].step_s;
		assert_int_equal(time_source_is_good(&source), rows[i].good || synchronised);
		time_seen_done(source.last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_operator_answers_for_his_own),
		cmocka_unit_test(ntp_and_what_is_left_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
