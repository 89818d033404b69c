/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include "daemon/main/wake.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct heard {
	unsigned timer, change, test_clock;
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

#ifdef CLAVIGER_TEST_CLOCK

static int hear_test_clock(void *context)
{
	((struct heard *)context)->test_clock++;
	return 0;
}

static void all_hear_the_test_clock(void **state)
{
	static const struct wake_calls with_clock = {hear_timer, hear_change, hear_test_clock};
	char directory[] = "/tmp/claviger-wake-XXXXXX", path[64];
	struct heard heard[2] = {};
	sd_event *loop = NULL;
	struct wake wakes[2];

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/now", directory);
	assert_int_equal(file_write_atomically(path, span_of_text("1000\n"), 0600), 0);
	assert_int_equal(clock_use_file(path), 0);
	assert_true(sd_event_new(&loop) >= 0);
	for (unsigned i = 0; i < 2; i++)
		assert_true(wake_open(&wakes[i], loop, &with_clock, &heard[i]) >= 0);
	turn(loop);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(heard[i].test_clock, 0);
	assert_int_equal(file_write_atomically(path, span_of_text("2000\n"), 0600), 0);
	turn(loop);
	for (unsigned i = 0; i < 2; i++)
		assert_true(heard[i].test_clock > 0);
	for (unsigned i = 0; i < 2; i++)
		wake_close(&wakes[i]);
	sd_event_unref(loop);
	unlink(path);
	rmdir(directory);
}

#endif

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_wakes),
		cmocka_unit_test(what_is_stopped_hears_nothing),
		cmocka_unit_test(a_fault_silences_its_source_alone),
#ifdef CLAVIGER_TEST_CLOCK
		cmocka_unit_test(all_hear_the_test_clock),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
