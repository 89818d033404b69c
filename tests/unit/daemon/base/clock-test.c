/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/clock.h"
#include "daemon/base/files.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static bool wakes(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	bool ready = poll(&p, 1, 0) == 1;
	char events[1024];

	while (ready && read(fd, events, sizeof(events)) > 0)
		;
	return ready;
}

static void a_file_is_the_clock(void **state)
{
	_cleanup_(closep) int fd = -1;

	(void)state;
	assert_int_equal(clock_watch(&fd), -ENOTSUP);
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/now", directory);
	assert_int_equal(clock_use_file(path), -ENOENT);
	put("soon\n");
	assert_int_equal(clock_use_file(path), -EINVAL);
	put("1000\n");
	assert_int_equal(clock_use_file(path), 0);
	assert_int_equal(clock_now_s(), 1000);
	assert_int_equal(clock_watch(&fd), 0);
	assert_false(wakes(fd));
	put("2500000000");
	assert_true(wakes(fd));
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
	int fd = -1;

	(void)state;
	assert_int_equal(clock_use_file("/dev/null"), -ENOTSUP);
	assert_int_equal(clock_watch(&fd), -ENOTSUP);
	assert_int_equal(fd, -1);
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
