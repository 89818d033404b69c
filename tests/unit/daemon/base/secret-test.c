/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/bytes.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The VmFlags line of the mapping that holds @at. */
static void mapping_flags(const void *at, char *ret, size_t size)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	char line[512];
	bool here = false;

	assert_non_null(smaps);
	ret[0] = 0;
	while (fgets(line, sizeof(line), smaps)) {
		char *end;
		uintptr_t first = (uintptr_t)strtoumax(line, &end, 16);

		if (end != line && *end == '-')
			here = (uintptr_t)at >= first &&
			       (uintptr_t)at < (uintptr_t)strtoumax(end + 1, NULL, 16);
		if (here && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(ret, size, "%s", line);
	}
	fclose(smaps);
}

static void is_locked_and_left_out_of_dumps(void **state)
{
	_cleanup_(secret_done) struct secret s = {0};
	char flags[512];

	(void)state;
	assert_int_equal(secret_new(5000, &s), 0);
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(s.data[i], 0);
	mapping_flags(s.data, flags, sizeof(flags));
	assert_non_null(strstr(flags, " lo"));
	assert_non_null(strstr(flags, " dd"));
	assert_non_null(strstr(flags, " wf"));
}

static int child_status(pid_t child)
{
	int status = -1;

	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void children_find_nothing(void **state)
{
	_cleanup_(secret_done) struct secret s = {0};
	pid_t child;

	(void)state;
	assert_int_equal(secret_copy(SPAN_LITERAL("sesame"), &s), 0);
	assert_true(span_equal(span_of_secret(s), SPAN_LITERAL("sesame")));
	child = fork();
	if (child == 0) {
		bool empty = span_equal(span_of_secret(s), SPAN_LITERAL("\0\0\0\0\0\0"));

		secret_done(&s);
		_exit(empty ? 0 : 1);
	}
	assert_int_equal(child_status(child), 0);
	assert_true(span_equal(span_of_secret(s), SPAN_LITERAL("sesame")));
}

static void done_takes_all_back(void **state)
{
	struct secret s = {0};
	char flags[512];
	const void *at;

	(void)state;
	assert_int_equal(secret_new(10000, &s), 0);
	at = s.data + 9000;
	s.size = 3; /* cut down */
	secret_done(&s);
	assert_null(s.data);
	mapping_flags(at, flags, sizeof(flags));
	assert_null(strstr(flags, " lo"));
	secret_done(&s);
	assert_int_equal(secret_new(0, &s), 0);
	assert_non_null(s.data);
	secret_done(&s);
}

static int without_lock_limit(void)
{
	const struct rlimit none = {0, 0};
	struct secret s = {0};

	if (setrlimit(RLIMIT_MEMLOCK, &none) < 0 || (geteuid() == 0 && setuid(65534) < 0))
		return 1;
	if (secret_new(1, &s) != -ENOMEM || s.data)
		return 2;
	secret_allow_unlocked();
	if (secret_new(1, &s) != 0)
		return 3;
	secret_done(&s);
	return 0;
}

static void unlocked_memory_is_refused(void **state)
{
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(without_lock_limit());
	assert_int_equal(child_status(child), 0);
}

static void too_large(void **state)
{
	struct secret s = {0};

	(void)state;
	assert_int_equal(secret_new(SIZE_MAX, &s), -ENOMEM);
	assert_null(s.data);
}

/* Reads it past its owner, as a debugger would. */
static bool is_seen_from_outside(const struct secret *s)
{
	FILE *memory = fopen("/proc/self/mem", "re");
	uint8_t copy[64];
	bool seen;

	assert_non_null(memory);
	assert_true(s->size <= sizeof(copy));
	seen = fseeko(memory, (off_t)(uintptr_t)s->data, SEEK_SET) == 0 &&
	       fread(copy, 1, s->size, memory) == s->size &&
	       span_equal(SPAN(copy, s->size), span_of_secret(*s));
	fclose(memory);
	return seen;
}

static int in_a_process_that_hides(void)
{
	_cleanup_(secret_done) struct secret s = {0}, large = {0}, again = {0};
	char flags[512];
	pid_t child;
	int way[2];

	secret_hide_from_kernel();
	if (secret_copy(SPAN_LITERAL("sesame"), &s) < 0 || secret_new(10000, &large) < 0)
		return 1;
	large.data[9999] = 1;
	mapping_flags(s.data, flags, sizeof(flags));
	if (!strstr(flags, " lo") || !strstr(flags, " dd"))
		return 2;
	/* Where the kernel is too old for it, a secret is as it ever was. */
	if (strstr(flags, " wf"))
		return is_seen_from_outside(&s) ? 0 : 3;
	if (is_seen_from_outside(&s) || !strstr(flags, " dc"))
		return 4;
	child = fork();
	if (child == 0)
		_exit(pipe(way) == 0 && write(way[1], s.data, 1) < 0 && errno == EFAULT ? 0 : 1);
	if (child_status(child) != 0)
		return 5;
	secret_done(&s);
	return secret_new(6, &again) == 0 && again.data[0] == 0 ? 0 : 6;
}

static void may_be_hidden_from_the_kernel(void **state)
{
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(in_a_process_that_hides());
	assert_int_equal(child_status(child), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_locked_and_left_out_of_dumps),
		cmocka_unit_test(children_find_nothing),
		cmocka_unit_test(done_takes_all_back),
		cmocka_unit_test(unlocked_memory_is_refused),
		cmocka_unit_test(too_large),
		cmocka_unit_test(may_be_hidden_from_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
