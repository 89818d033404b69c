/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void clocks_run(void **state)
{
	int64_t ms = clock_monotonic_ms();
	int64_t before_s = time(NULL), now_s = clock_now_s(), after_s = time(NULL);

	(void)state;
	/* time(2) is a tick late. */
	assert_true(before_s <= now_s && now_s <= after_s + 1);
	assert_true(clock_monotonic_ms() >= ms && clock_monotonic_ms() - ms < 60000);
	(void)clock_is_synchronised();
}

#ifdef CLAVIGER_TEST_CLOCK

static char directory[] = "/tmp/claviger-clock-XXXXXX";
static char path[64];

static void put(const char *text)
{
	assert_int_equal(file_write_atomically(path, span_of_text(text), 0600), 0);
}

static void a_file_is_the_clock(void **state)
{
	(void)state;
	assert_null(clock_directory());
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/now", directory);
	assert_int_equal(clock_use_file(path), -ENOENT);
	put("soon\n");
	assert_int_equal(clock_use_file(path), -EINVAL);
	put("1000\n");
	assert_int_equal(clock_use_file(path), 0);
	assert_int_equal(clock_now_s(), 1000);
	assert_int_equal(strncmp(clock_directory(), directory, strlen(directory)), 0);
	put("2500000000");
	assert_int_equal(clock_now_s(), 2500000000);

	/* what can't be read changes nothing */
	put("");
	assert_int_equal(clock_now_s(), 2500000000);
	put("x");
	assert_int_equal(clock_now_s(), 2500000000);
	unlink(path);
	assert_int_equal(clock_now_s(), 2500000000);
	put("900 \n");
	assert_int_equal(clock_now_s(), 900);
	unlink(path);
	rmdir(directory);
}

#else

static void a_file_is_the_clock(void **state)
{
	(void)state;
	assert_int_equal(clock_use_file("/dev/null"), -ENOTSUP);
	assert_null(clock_directory());
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_run),
		cmocka_unit_test(a_file_is_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
