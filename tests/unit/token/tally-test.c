/* SPDX-License-Identifier: Apache-2.0 */
#include "token/tally.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static const uint8_t key_a[SHA256_SIZE] = {0xaa}, key_b[SHA256_SIZE] = {0xbb};

struct fixture {
	char path[40];
	struct signature_log *log;
	struct tally *tally;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)strcpy(f->path, "/tmp/claviger-XXXXXX");
	(void)close(mkstemp(f->path));
	assert_int_equal(signature_log_open(f->path, &f->log), 0);
	assert_int_equal(tally_new(1699999970, &f->tally), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	tally_free(f->tally);
	signature_log_close(f->log);
	(void)unlink(f->path);
	free(f);
	return 0;
}

static const char *read_all(const struct fixture *f)
{
	static char text[65536];
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	(void)close(fd);
	return text;
}

static unsigned count_lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void each_key_and_kind_has_a_line(void **state)
{
	struct fixture *f = *state;
	const char *text;

	for (int i = 0; i < 412; i++)
		assert_int_equal(tally_count(f->tally, key_a, "tls", 0), 0);
	assert_int_equal(tally_count(f->tally, key_a, "ike", 0), 0);
	assert_int_equal(tally_count(f->tally, key_b, "tls", 0), 0);
	assert_int_equal(tally_count(f->tally, key_b, "tls", 0), 0);
	assert_string_equal(read_all(f), "");
	assert_int_equal(tally_write(f->tally, f->log, 1700000000), 0);
	text = read_all(f);
	assert_int_equal(count_lines(text), 3);
	assert_int_equal(strncmp(text, "1\t2023-11-14T22:13:20Z\taa00", 27), 0);
	assert_non_null(strstr(text, "\ttls\t-\t412 signatures\t-\t-\n"));
	assert_non_null(strstr(text, "\tike\t-\t1 signature\t-\t-\n"));
	assert_non_null(strstr(text, "\ttls\t-\t2 signatures\t-\t-\n"));
	/* Nothing since then is no line. */
	assert_int_equal(tally_write(f->tally, f->log, 1700000060), 0);
	assert_int_equal(count_lines(read_all(f)), 3);
	assert_int_equal(tally_count(f->tally, key_b, "tls", 0), 0);
	assert_int_equal(tally_write(f->tally, f->log, 1700000120), 0);
	text = read_all(f);
	assert_int_equal(count_lines(text), 4);
	assert_non_null(strstr(text, "\n4\t2023-11-14T22:15:20Z\tbb00"));
}

static void a_line_is_due_each_minute(void **state)
{
	struct fixture *f = *state;

	assert_false(tally_is_due(f->tally, 1700000029));
	assert_true(tally_is_due(f->tally, 1700000030));
	assert_int_equal(tally_write(f->tally, f->log, 1700000000), 0);
	assert_false(tally_is_due(f->tally, 1700000000));
	assert_false(tally_is_due(f->tally, 1700000059));
	assert_true(tally_is_due(f->tally, 1700000060));
	/* The clock was set back. */
	assert_true(tally_is_due(f->tally, 1699999999));
}

static void what_cannot_be_written_is_kept(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, small;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){0, before.rlim_max};
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(tally_count(f->tally, key_a, "tls", 0), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(tally_write(f->tally, f->log, 1700000000), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(tally_count(f->tally, key_a, "tls", 0), 0);
	assert_int_equal(tally_write(f->tally, f->log, 1700000060), 0);
	assert_int_equal(count_lines(read_all(f)), 1);
	assert_non_null(strstr(read_all(f), "\t2 signatures\t"));
}

static unsigned count_whole(struct fixture *f, const uint8_t key[static SHA256_SIZE],
			    const char *kind)
{
	unsigned n = 0;

	for (int i = 0; i < 1000; i++)
		n += tally_count(f->tally, key, kind, 10) == TALLY_WHOLE;
	return n;
}

static void the_first_of_a_minute_are_whole(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(count_whole(f, key_a, "use"), 10);
	assert_int_equal(count_whole(f, key_a, "cms"), 10);
	assert_int_equal(count_whole(f, key_b, "use"), 10);
	assert_int_equal(count_whole(f, key_b, "use"), 0);
	/* A line that could not be written makes no signature pass without one. */
	tally_give_back(f->tally, key_b, "use");
	assert_int_equal(count_whole(f, key_b, "use"), 1);
	assert_int_equal(tally_write(f->tally, f->log, 1700000000), 0);
	assert_int_equal(count_lines(read_all(f)), 3);
	assert_non_null(strstr(read_all(f), "\tcms\t-\t990 signatures more\t-\t-\n"));
	assert_non_null(strstr(read_all(f), "\tuse\t-\t2989 signatures more\t-\t-\n"));
	assert_int_equal(count_whole(f, key_a, "use"), 10);
	assert_int_equal(count_whole(f, key_a, "cms"), 10);
	/* Whole ones alone need no line more. */
	assert_int_equal(tally_count(f->tally, key_a, "alone", 10), TALLY_WHOLE);
	assert_int_equal(tally_write(f->tally, f->log, 1700000060), 0);
	assert_int_equal(count_lines(read_all(f)), 5);
}

#define THREADS 4
#define EACH	1000

static void *count_many(void *argument)
{
	struct fixture *f = argument;

	for (int i = 0; i < EACH; i++) {
		if (tally_count(f->tally, i % 2 ? key_a : key_b, "tls", 0) < 0)
			return f;
		if (i % 100 == 0 && tally_write(f->tally, f->log, 1700000000) < 0)
			return f;
	}
	return NULL;
}

static unsigned long long sum(const char *text)
{
	unsigned long long all = 0;

	while ((text = strstr(text, "\ttls\t-\t"))) {
		text += strlen("\ttls\t-\t");
		all += strtoull(text, NULL, 10);
	}
	return all;
}

/* None is counted twice, and none is lost. */
static void threads_count_together(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];
	void *failed;

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_many, f), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(tally_write(f->tally, f->log, 1700000000), 0);
	assert_int_equal(sum(read_all(f)), THREADS * EACH);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_key_and_kind_has_a_line),   TEST(a_line_is_due_each_minute),
		TEST(what_cannot_be_written_is_kept), TEST(the_first_of_a_minute_are_whole),
		TEST(threads_count_together),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
