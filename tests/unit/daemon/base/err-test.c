/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/err.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void take_leaves_nothing(void **state)
{
	char *from = strdup("x");
	char *to = TAKE_PTR(from);
	int number = 7;
	struct pair {
		int *a;
		int b;
	} pair = {&number, 9};
	struct pair taken = TAKE_STRUCT(pair);

	(void)state;
	assert_null(from);
	assert_string_equal(to, "x");
	freep(&to);
	assert_null(pair.a);
	assert_int_equal(pair.b, 0);
	assert_ptr_equal(taken.a, &number);
	assert_int_equal(taken.b, 9);
}

static void closep_closes_and_keeps_errno(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int none = -1;

	(void)state;
	assert_true(fd >= 0);
	errno = ENOENT;
	closep(&fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	errno = ENOENT;
	closep(&fd); /* the close fails */
	closep(&none);
	assert_int_equal(errno, ENOENT);
}

static void take_fd_keeps_it_open(void **state)
{
	int taken;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	{
		_cleanup_(closep) int scoped = fd;

		taken = TAKE_FD(scoped);
	}
	assert_int_equal(taken, fd);
	assert_int_not_equal(fcntl(taken, F_GETFD), -1);
	close(taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(take_leaves_nothing),
		cmocka_unit_test(closep_closes_and_keeps_errno),
		cmocka_unit_test(take_fd_keeps_it_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
