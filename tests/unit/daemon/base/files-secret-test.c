/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/base/files.h"
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/claviger-secret-XXXXXX";

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	closep(&fd);
	return fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void put(struct span content, mode_t mode)
{
	assert_int_equal(file_write_atomically(path, content, mode), 0);
}

struct content_row {
	struct span file;
	struct span secret;
};

static void one_line_break_is_dropped(void **state)
{
	static const struct content_row rows[] = {
		{SPAN_LITERAL("1234"), SPAN_LITERAL("1234")},
		{SPAN_LITERAL("1234\n"), SPAN_LITERAL("1234")},
		{SPAN_LITERAL("1234\r\n"), SPAN_LITERAL("1234")},
		{SPAN_LITERAL("1234\n\n"), SPAN_LITERAL("1234\n")},
		{SPAN_LITERAL("1234 \n"), SPAN_LITERAL("1234 ")},
		{SPAN_LITERAL("\n"), SPAN_LITERAL("")},
		{SPAN_LITERAL(""), SPAN_LITERAL("")},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(secret_done) struct secret s = {0};

		put(rows[i].file, 0600);
		assert_int_equal(file_read_secret(path, 100, &s), 0);
		assert_true(span_equal(span_of_secret(s), rows[i].secret));
	}
}

static void limits(void **state)
{
	_cleanup_(secret_done) struct secret s = {0};

	(void)state;
	put(SPAN_LITERAL("1234\n"), 0400);
	assert_int_equal(file_read_secret(path, 4, &s), -EFBIG);
	assert_null(s.data);
	assert_int_equal(file_read_secret(path, 5, &s), 0);
	assert_int_equal(s.size, 4);
}

static void others_may_not_read(void **state)
{
	static const mode_t modes[] = {0604, 0640, 0602, 0660, 0644};
	struct secret s = {0};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(modes); i++) {
		put(SPAN_LITERAL("1234"), modes[i]);
		assert_int_equal(file_read_secret(path, 100, &s), -EPERM);
	}
	assert_null(s.data);
}

static void what_is_no_file(void **state)
{
	struct secret s = {0};

	(void)state;
	assert_int_equal(file_read_secret("/tmp", 100, &s), -EISDIR);
	assert_int_equal(file_read_secret("/dev/null", 100, &s), -EINVAL);
	assert_int_equal(file_read_secret("/tmp/claviger-absent", 100, &s), -ENOENT);
}

struct acl {
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry entries[6];
};

/* What systemd sets on a credential: the file is root's, one user may read it. */
static void put_acl(uint32_t user, uint16_t group_perm, uint16_t other_perm)
{
	const struct acl acl = {
		{POSIX_ACL_XATTR_VERSION},
		{{ACL_USER_OBJ, ACL_READ, 0},
		 {ACL_USER, ACL_READ, user},
		 {ACL_GROUP_OBJ, group_perm, 0},
		 {ACL_MASK, ACL_READ, 0},
		 {ACL_OTHER, other_perm, 0}},
	};
	size_t size = sizeof(acl.header) + 5 * sizeof(acl.entries[0]);
	struct stat st;

	put(SPAN_LITERAL("1234"), 0400);
	assert_int_equal(setxattr(path, "system.posix_acl_access", &acl, size, 0), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0770, 0440);
}

static void an_acl_may_let_ourselves_in(void **state)
{
	_cleanup_(secret_done) struct secret s = {0};

	(void)state;
	put_acl(geteuid() + 1, 0, 0);
	assert_int_equal(file_read_secret(path, 100, &s), -EPERM);
	put_acl(geteuid(), ACL_READ, 0);
	assert_int_equal(file_read_secret(path, 100, &s), -EPERM);
	put_acl(geteuid(), 0, ACL_READ);
	assert_int_equal(file_read_secret(path, 100, &s), -EPERM);
	assert_null(s.data);
	put_acl(geteuid(), 0, 0);
	assert_int_equal(file_read_secret(path, 100, &s), 0);
	assert_true(span_equal(span_of_secret(s), SPAN_LITERAL("1234")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_break_is_dropped),   cmocka_unit_test(limits),
		cmocka_unit_test(others_may_not_read),	       cmocka_unit_test(what_is_no_file),
		cmocka_unit_test(an_acl_may_let_ourselves_in),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
