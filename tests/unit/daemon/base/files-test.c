/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/claviger-files-XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s", "");
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(directory);
}

static const char *at(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static unsigned entries(void)
{
	DIR *d = opendir(directory);
	unsigned n = 0;

	assert_non_null(d);
	for (const struct dirent *e = readdir(d); e; e = readdir(d))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void written_and_read(void **state)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	_cleanup_(bytes_done) struct bytes large = {0};
	_cleanup_(bytes_done) struct bytes back = {0};
	mode_t mask = umask(077);
	struct stat st;

	(void)state;
	assert_int_equal(file_write_atomically(at("f"), SPAN_LITERAL("a\0b"), 0644), 0);
	umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(file_read(path, 3, &content), 0);
	assert_true(span_equal(span_of(content), SPAN_LITERAL("a\0b")));

	assert_int_equal(bytes_new(100000, &large), 0);
	memset(large.data, 'y', large.size);
	assert_int_equal(file_write_atomically(path, span_of(large), 0600), 0);
	assert_int_equal(file_read(path, 100000, &back), 0);
	assert_true(span_equal(span_of(back), span_of(large)));
	bytes_done(&back);
	assert_int_equal(file_read(path, 99999, &back), -EFBIG);
	assert_null(back.data);
	assert_int_equal(entries(), 1);
	unlink(path);
}

static void empty_and_of_no_size(void **state)
{
	_cleanup_(bytes_done) struct bytes content = {0};
	_cleanup_(bytes_done) struct bytes status = {0};

	(void)state;
	assert_int_equal(file_write_atomically(at("f"), (struct span){0}, 0600), 0);
	assert_int_equal(file_read(path, 0, &content), 0);
	assert_int_equal(content.size, 0);
	assert_non_null(content.data);
	assert_int_equal(file_read("/proc/self/status", 65536, &status), 0);
	assert_true(status.size > 100);
	unlink(path);
}

static void what_is_no_file(void **state)
{
	struct bytes content = {0};

	(void)state;
	assert_int_equal(file_read(at("absent"), 10, &content), -ENOENT);
	assert_int_equal(file_read(directory, 10, &content), -EISDIR);
	assert_int_equal(file_read("/dev/zero", 10, &content), -EINVAL);
	assert_int_equal(mkfifo(at("pipe"), 0600), 0);
	assert_int_equal(file_read(path, 10, &content), -EINVAL); /* and does not wait */
	assert_null(content.data);
	unlink(path);
}

static void what_is_no_file_is_not_replaced(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkfifo(at("pipe"), 0600), 0);
	assert_int_equal(file_write_atomically(path, SPAN_LITERAL("x"), 0600), -EINVAL);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	unlink(path);
	assert_int_equal(symlink("/dev/null", at("null")), 0);
	assert_int_equal(file_write_atomically(path, SPAN_LITERAL("x"), 0600), -EINVAL);
	unlink(path);
	/* as /dev/stdout is one, whatever it leads to */
	assert_int_equal(symlink("/proc/self/fd/1", at("stdout")), 0);
	assert_int_equal(file_write_atomically(path, SPAN_LITERAL("x"), 0600), -EINVAL);
	unlink(path);
	assert_int_equal(symlink("nowhere", at("link")), 0);
	assert_int_equal(file_write_atomically(path, SPAN_LITERAL("x"), 0600), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(path);
}

static void errors_are_told(void **state)
{
	(void)state;
	assert_non_null(strstr(file_error_text(-EINVAL), "a pipe or a device"));
	assert_string_equal(file_error_text(-ENOENT), "No such file or directory");
}

/* A failed replacement leaves the old file and nothing beside it. */
static void a_failure_leaves_no_trace(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("taken"), 0700), 0);
	assert_int_equal(file_write_atomically(path, SPAN_LITERAL("x"), 0600), -EISDIR);
	assert_int_equal(entries(), 1);
	rmdir(path);
	assert_int_equal(file_write_atomically(at("absent/f"), SPAN_LITERAL("x"), 0600), -ENOENT);
}

static void directories(void **state)
{
	mode_t mask = umask(027);
	struct stat st;

	(void)state;
	assert_int_equal(directory_make(at("a/b//c/"), 0711), 0);
	umask(mask);
	assert_int_equal(stat(at("a/b/c"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_int_equal(stat(at("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_int_equal(directory_make(at("a"), 0700), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_int_equal(directory_sync(path), 0);
	rmdir(at("a/b/c"));
	rmdir(at("a/b"));
	rmdir(at("a"));

	assert_int_equal(file_write_atomically(at("f"), SPAN_LITERAL("x"), 0600), 0);
	assert_int_equal(directory_make(path, 0700), -ENOTDIR);
	assert_int_equal(directory_make(at("f/g"), 0700), -ENOTDIR);
	assert_int_equal(directory_sync(at("f")), -ENOTDIR);
	assert_int_equal(directory_make("", 0700), -ENOENT);
	unlink(path);
	assert_int_equal(directory_make("/", 0700), 0);
}

static void beside_us(void **state)
{
	char *back = get_current_dir_name();

	(void)state;
	assert_int_equal(chdir(directory), 0);
	assert_int_equal(file_write_atomically("plain", SPAN_LITERAL("x"), 0600), 0);
	assert_int_equal(unlink("plain"), 0);
	assert_int_equal(directory_make("one/two", 0700), 0);
	assert_int_equal(rmdir("one/two"), 0);
	assert_int_equal(rmdir("one"), 0);
	assert_int_equal(chdir(back), 0);
	free(back);
}

static void formatted(void **state)
{
	_cleanup_(freep) char *text = NULL;

	(void)state;
	assert_int_equal(text_format(&text, "%s/%d", "a", 5), 0);
	assert_string_equal(text, "a/5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_read),
		cmocka_unit_test(empty_and_of_no_size),
		cmocka_unit_test(what_is_no_file),
		cmocka_unit_test(what_is_no_file_is_not_replaced),
		cmocka_unit_test(errors_are_told),
		cmocka_unit_test(a_failure_leaves_no_trace),
		cmocka_unit_test(directories),
		cmocka_unit_test(beside_us),
		cmocka_unit_test(formatted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
