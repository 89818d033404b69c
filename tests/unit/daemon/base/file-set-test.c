/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/file-set.h"
#include "daemon/base/files.h"
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64];
static const char *const names[] = {"r1.crt", "r1-ca.crt", "r1-next.crt", NULL};

static int begin(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/claviger-set-XXXXXX");
	return !mkdtemp(directory);
}

static int drop(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static int end(void **state)
{
	(void)state;
	return nftw(directory, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

/* Each content goes to the name of the same place; NULL: not there. */
static int put(const char *const contents[3])
{
	struct file_set_item items[3];
	struct file_set set = {
		.directory = directory, .name = "r1", .items = items, .former = names};
	int r;

	for (size_t i = 0; i < 3; i++)
		if (contents[i])
			items[set.n++] =
				(struct file_set_item){names[i], span_of_text(contents[i])};
	r = file_set_write(&set);
	assert_true(r || file_set_is_there(&set));
	return r;
}

static bool holds(const char *name, const char *content)
{
	_cleanup_(bytes_done) struct bytes found = {};
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);
	ssize_t n;
	char text[64];

	if (fd < 0)
		return !content;
	n = read(fd, text, sizeof(text));
	close(fd);
	return content && n == (ssize_t)strlen(content) && !memcmp(text, content, (size_t)n);
}

static unsigned count_entries(void)
{
	DIR *all = opendir(directory);
	unsigned n = 0;

	while (readdir(all))
		n++;
	closedir(all);
	return n - 2;
}

static void a_set_follows_another(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(put((const char *[]){"one", "ca", NULL}), 0);
	assert_true(holds("r1.crt", "one") && holds("r1-ca.crt", "ca") &&
		    holds("r1-next.crt", NULL));
	assert_int_equal(put((const char *[]){"two", "ca", "next"}), 0);
	assert_true(holds("r1.crt", "two") && holds("r1-next.crt", "next"));
	assert_int_equal(put((const char *[]){"next", "ca2", NULL}), 0);
	assert_true(holds("r1.crt", "next") && holds("r1-ca.crt", "ca2") &&
		    holds("r1-next.crt", NULL));
	assert_int_equal(stat(path_of("r1.crt"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	/* two names, the link, and one version */
	assert_int_equal(count_entries(), 4);
}

/* Who has the old one open reads it to its end; the names change with the one link. */
static void one_link_changes_all(void **state)
{
	char target[64] = "";

	(void)state;
	assert_int_equal(put((const char *[]){"one", "ca", NULL}), 0);
	assert_true(readlink(path_of("r1.crt"), target, sizeof(target)) > 0);
	assert_string_equal(target, ".r1/r1.crt");
	memset(target, 0, sizeof(target));
	assert_true(readlink(path_of(".r1"), target, sizeof(target)) > 0);
	assert_string_equal(target, ".r1~0");
	assert_int_equal(put((const char *[]){"two", "ca", NULL}), 0);
	memset(target, 0, sizeof(target));
	assert_true(readlink(path_of(".r1"), target, sizeof(target)) > 0);
	assert_string_equal(target, ".r1~1");
}

static void what_is_others_stays(void **state)
{
	_cleanup_(freep) char *victim = NULL;

	(void)state;
	assert_true(text_format(&victim, "%s/victim", directory) >= 0);
	assert_int_equal(file_write_atomically(victim, SPAN_LITERAL("safe"), 0600), 0);
	assert_int_equal(symlink("victim", path_of("r1-ca.crt")), 0);
	assert_int_equal(put((const char *[]){"one", "ca", NULL}), FILE_SET_TAKEN);
	assert_true(holds("victim", "safe") && holds("r1.crt", NULL));
	assert_int_equal(unlink(path_of("r1-ca.crt")), 0);
	/* neither a version nor a temporary link that was planted is gone through */
	assert_int_equal(symlink("victim", path_of(".r1~new")), 0);
	assert_int_equal(symlink("/", path_of(".r1~0")), 0);
	assert_int_equal(put((const char *[]){"one", "ca", NULL}), 0);
	assert_true(holds("victim", "safe") && holds("r1.crt", "one"));
	/* a file that was put there before is replaced */
	assert_int_equal(
		file_write_atomically(path_of("r1-next.crt"), SPAN_LITERAL("by hand"), 0600), 0);
	assert_int_equal(put((const char *[]){"one", "ca", "next"}), 0);
	assert_true(holds("r1-next.crt", "next"));
}

static void a_directory_of_all_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(directory, 0777), 0);
	assert_int_equal(put((const char *[]){"one", NULL, NULL}), FILE_SET_OPEN_TO_ALL);
	assert_int_equal(count_entries(), 0);
	assert_int_equal(chmod(directory, 01777), 0);
	assert_int_equal(put((const char *[]){"one", NULL, NULL}), 0);
}

static void a_missing_one_is_an_error(void **state)
{
	const struct file_set set = {.directory = path_of("none"), .name = "r1", .former = names};

	(void)state;
	assert_int_equal(file_set_write(&set), -ENOENT);
	assert_false(file_set_is_there(&set));
}

static void all_of_it_goes(void **state)
{
	const struct file_set set = {.directory = directory, .name = "r1", .former = names};

	(void)state;
	assert_false(file_set_stands(&set));
	assert_int_equal(put((const char *[]){"one", "ca", "next"}), 0);
	assert_true(file_set_stands(&set));
	assert_int_equal(file_set_remove(&set), 0);
	assert_false(file_set_stands(&set));
	assert_int_equal(count_entries(), 0);
	assert_int_equal(file_set_remove(&set), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_set_follows_another, begin, end),
		cmocka_unit_test_setup_teardown(one_link_changes_all, begin, end),
		cmocka_unit_test_setup_teardown(what_is_others_stays, begin, end),
		cmocka_unit_test_setup_teardown(a_directory_of_all_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(a_missing_one_is_an_error, begin, end),
		cmocka_unit_test_setup_teardown(all_of_it_goes, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
