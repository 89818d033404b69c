/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/wake.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct heard {
	unsigned timer, change;
	int answer;
};

static int hear_timer(void *context)
{
	((struct heard *)context)->timer++;
	return 0;
}

static int hear_change(void *context)
{
	struct heard *heard = context;

	heard->change++;
	return heard->answer;
}

static const struct wake_calls calls = {.timer = hear_timer, .change = hear_change};

static void turn(sd_event *loop)
{
	while (sd_event_run(loop, 0) > 0)
		;
}

static void each_call_wakes(void **state)
{
	struct heard heard = {};
	sd_event *loop = NULL;
	struct wake wake;

	(void)state;
	assert_true(sd_event_new(&loop) >= 0);
	assert_true(wake_open(&wake, loop, &calls, &heard) >= 0);
	turn(loop);
	assert_int_equal(heard.timer, 1);
	assert_int_equal(heard.change, 0);
	/* Told twice before it is heard: once. */
	wake_tell(&wake);
	wake_tell(&wake);
	turn(loop);
	assert_int_equal(heard.change, 1);
	wake_in(&wake, -5);
	turn(loop);
	assert_int_equal(heard.timer, 2);
	wake_in(&wake, 3600 * 1000);
	turn(loop);
	assert_int_equal(heard.timer, 2);
	wake_close(&wake);
	sd_event_unref(loop);
}

static void what_is_stopped_hears_nothing(void **state)
{
	struct heard heard = {};
	sd_event *loop = NULL;
	struct wake wake;

	(void)state;
	assert_true(sd_event_new(&loop) >= 0);
	assert_true(wake_open(&wake, loop, &calls, &heard) >= 0);
	assert_false(wake_is_stopped(&wake));
	wake_stop(&wake);
	assert_true(wake_is_stopped(&wake));
	wake_tell(&wake);
	wake_in(&wake, 0);
	turn(loop);
	assert_int_equal(heard.timer + heard.change, 0);
	wake_close(&wake);
	sd_event_unref(loop);
}

static void a_fault_silences_its_source_alone(void **state)
{
	struct heard heard = {.answer = -ENOMEM};
	sd_event *loop = NULL;
	struct wake wake;

	(void)state;
	assert_true(sd_event_new(&loop) >= 0);
	assert_true(wake_open(&wake, loop, &calls, &heard) >= 0);
	for (unsigned i = 0; i < 3; i++) {
		wake_tell(&wake);
		wake_in(&wake, 0);
		turn(loop);
	}
	assert_int_equal(heard.change, 1);
	assert_int_equal(heard.timer, 3);
	wake_close(&wake);
	sd_event_unref(loop);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_wakes),
		cmocka_unit_test(what_is_stopped_hears_nothing),
		cmocka_unit_test(a_fault_silences_its_source_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
