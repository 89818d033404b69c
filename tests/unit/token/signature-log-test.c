/* SPDX-License-Identifier: Apache-2.0 */
#include "token/signature-log.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[40];

static int set_up(void **state)
{
	(void)state;
	(void)strcpy(path, "/tmp/claviger-XXXXXX");
	(void)close(mkstemp(path));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static const char *read_all(void)
{
	static char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	(void)close(fd);
	return text;
}

static void append(const char *subject, const char *serial)
{
	struct signature_log *log = NULL;
	const struct signature_record record = {
		.time_s = 1700000000,
		.key = SPAN_LITERAL("\x01\x02"),
		.kind = "certificate",
		.serial = span_of_text(serial),
		.subject = span_of_text(subject),
		.to_be_signed = SPAN_LITERAL("abc"),
		.head = serial ? SPAN_LITERAL("\xfe\xff") : (struct span){0},
	};

	assert_int_equal(signature_log_open(path, &log), 0);
	assert_int_equal(signature_log_append(log, &record), 0);
	signature_log_close(log);
}

#define SHA256_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void a_line_says_it_all(void **state)
{
	(void)state;
	append("CN=router1", "\x12\x34");
	append("", NULL);
	assert_string_equal(read_all(),
			    "1\t2023-11-14T22:13:20Z\t0102\tcertificate\t1234\tCN=router1"
			    "\t" SHA256_OF_ABC "\tfeff\n"
			    "2\t2023-11-14T22:13:20Z\t0102\tcertificate\t-\t\t" SHA256_OF_ABC
			    "\t-\n");
}

/* Neither a line break nor a tab of a subject makes a line or a field of its own. */
static void foreign_text_is_one_field(void **state)
{
	char longest[3000];
	const char *text;

	(void)state;
	append("CN=a\nb\tc\\d\xff", NULL);
	text = read_all();
	assert_non_null(strstr(text, "\tCN=a\\x0ab\\x09c\\x5cd\\xff\t"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	append(longest, NULL);
	assert_true(strlen(read_all()) < 3000);
	append("after", NULL);
	assert_non_null(strstr(read_all(), "\n3\t"));
}

/* As power failure leaves it. */
static void a_cut_line_is_ended_and_the_count_goes_on(void **state)
{
	const char *text;
	int fd;

	(void)state;
	append("one", NULL);
	append("two", NULL);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "3\t2023-", 7), 7);
	(void)close(fd);
	append("three", NULL);
	text = read_all();
	assert_non_null(strstr(text, "\n3\t2023-\n3\t2023-11-14T"));
	append("four", NULL);
	assert_non_null(strstr(read_all(), "\n4\t"));
}

static void limit_file_size(rlim_t most_bytes)
{
	const struct rlimit limit = {most_bytes, RLIM_INFINITY};

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A full disk may take part of a line: that is taken back, and the process lives on. */
static void a_line_that_a_full_disk_cut_is_taken_back(void **state)
{
	struct signature_log *log = NULL;
	const struct signature_record record = {.kind = "crl"};

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(signature_log_open(path, &log), 0);
	limit_file_size(10);
	assert_int_equal(signature_log_append(log, &record), -ENOSPC);
	assert_string_equal(read_all(), "");
	assert_int_equal(signature_log_append(log, &record), -ENOSPC);
	limit_file_size(RLIM_INFINITY);
	assert_int_equal(signature_log_append(log, &record), 0);
	assert_int_equal(signature_log_append(log, &record), 0);
	signature_log_close(log);
	assert_int_equal(strncmp(read_all(), "1\t1970-01-01T00:00:00Z\t", 23), 0);
	assert_non_null(strstr(read_all(), "\n2\t1970-01-01T"));
}

static void many_lines_are_counted(void **state)
{
	struct signature_log *log = NULL;
	const struct signature_record record = {.kind = "crl"};
	struct stat st;

	(void)state;
	assert_int_equal(signature_log_open(path, &log), 0);
	for (int i = 0; i < 200; i++)
		assert_int_equal(signature_log_append(log, &record), 0);
	signature_log_close(log);
	append("last", NULL);
	assert_non_null(strstr(read_all(), "\n201\t"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Whole lines above a number, wherever they stand. */
static void pages_begin_after_any_number(void **state)
{
	struct signature_log *log = NULL;
	const struct signature_record record = {.kind = "crl", .to_be_signed = SPAN_LITERAL("a")};
	int64_t lines = 0;

	(void)state;
	assert_int_equal(signature_log_open(path, &log), 0);
	for (int i = 0; i < 700; i++)
		assert_int_equal(signature_log_append(log, &record), 0);
	for (int64_t after = 0; after <= 701; after += 7) {
		_cleanup_(buffer_done) struct buffer page = {0};
		char expected[24];

		assert_int_equal(signature_log_read(log, after, 1000, &page), 0);
		if (after >= 700) {
			assert_int_equal(page.size, 0);
			continue;
		}
		snprintf(expected, sizeof(expected), "%lld\t", (long long)after + 1);
		assert_memory_equal(page.data, expected, strlen(expected));
		assert_int_equal(page.data[page.size - 1], '\n');
		assert_true(page.size <= 1000 && (page.size > 800 || after > 690));
		lines++;
	}
	assert_int_equal(lines, 100);
	signature_log_close(log);
}

/* Cut lines in between, as power failures leave them, are passed over. */
static void a_cut_line_is_on_no_page(void **state)
{
	_cleanup_(buffer_done) struct buffer page = {0};
	struct signature_log *log = NULL;
	int fd;

	(void)state;
	append("one", NULL);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "2\t2023-", 7), 7);
	(void)close(fd);
	append("two", NULL);
	assert_int_equal(signature_log_open(path, &log), 0);
	assert_int_equal(signature_log_read(log, 0, 49152, &page), 0);
	buffer_append_byte(&page, 0);
	assert_non_null(strstr((char *)page.data, "\tone\t"));
	assert_non_null(strstr((char *)page.data, "\n2\t2023-11-14T"));
	assert_null(strstr((char *)page.data, "2023-\n"));
	signature_log_close(log);
}

static void *append_some(void *log)
{
	const struct signature_record record = {.kind = "cms"};

	for (int i = 0; i < 50; i++)
		assert_int_equal(signature_log_append(log, &record), 0);
	return NULL;
}

/* All are numbered and none is lost where many threads share a sync. */
static void threads_share_the_log(void **state)
{
	_cleanup_(buffer_done) struct buffer page = {0};
	struct signature_log *log = NULL;
	pthread_t threads[8];
	int64_t next = 1;

	(void)state;
	assert_int_equal(signature_log_open(path, &log), 0);
	for (size_t i = 0; i < ELEMENTS(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_some, log), 0);
	for (size_t i = 0; i < ELEMENTS(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(signature_log_read(log, 0, 1 << 20, &page), 0);
	buffer_append_byte(&page, 0);
	for (char *line = strtok((char *)page.data, "\n"); line; line = strtok(NULL, "\n"))
		assert_int_equal(strtoll(line, NULL, 10), next++);
	assert_int_equal(next, 401);
	signature_log_close(log);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_says_it_all),
		TEST(foreign_text_is_one_field),
		TEST(a_cut_line_is_ended_and_the_count_goes_on),
		TEST(a_line_that_a_full_disk_cut_is_taken_back),
		TEST(many_lines_are_counted),
		TEST(pages_begin_after_any_number),
		TEST(a_cut_line_is_on_no_page),
		TEST(threads_share_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
