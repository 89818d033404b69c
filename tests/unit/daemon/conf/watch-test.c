/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of the configuration's files, and of nothing else. */
#include "daemon/conf/watch.h"
#include "tests/unit/daemon/conf/scratch.h"

static void what_is_told(void **state)
{
	(void)state;
	_cleanup_(scratch_done) struct scratch scratch = scratch_new(SPAN_LITERAL(""));
	struct conf_watch *watch;
	char folder[128], moved[128];

	assert_int_equal(conf_watch_open(scratch.path, &watch), 0);
	assert_false(conf_watch_take(watch));
	scratch_write(&scratch, "claviger.conf", SPAN_LITERAL("[HTTP]\n"));
	assert_true(conf_watch_take(watch));
	assert_false(conf_watch_take(watch));
	scratch_write(&scratch, "other.conf", SPAN_LITERAL("[HTTP]\n"));
	assert_false(conf_watch_take(watch));
	scratch_write(&scratch, "claviger.conf.d/1.conf", SPAN_LITERAL("[HTTP]\n"));
	assert_true(conf_watch_take(watch));
	/* The folder goes and comes again, with a file in it. */
	snprintf(folder, sizeof(folder), "%s.d", scratch.path);
	snprintf(moved, sizeof(moved), "%s.e", scratch.path);
	assert_int_equal(rename(folder, moved), 0);
	assert_true(conf_watch_take(watch));
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_true(conf_watch_take(watch));
	scratch_write(&scratch, "claviger.conf.d/2.conf", SPAN_LITERAL("[HTTP]\n"));
	assert_true(conf_watch_take(watch));
	assert_false(conf_watch_take(watch));
	conf_watch_close(watch);
}

/* Without drop-ins at first. */
static void a_folder_that_comes_later(void **state)
{
	(void)state;
	_cleanup_(scratch_done) struct scratch scratch = scratch_new(SPAN_LITERAL(""));
	struct conf_watch *watch;
	char folder[128];

	snprintf(folder, sizeof(folder), "%s.d", scratch.path);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(conf_watch_open(scratch.path, &watch), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_true(conf_watch_take(watch));
	scratch_write(&scratch, "claviger.conf.d/90-set.conf", SPAN_LITERAL("[HTTP]\n"));
	assert_true(conf_watch_take(watch));
	conf_watch_close(watch);
	assert_null(conf_watch_close(NULL));
}

static void a_folder_that_is_not_there(void **state)
{
	(void)state;
	struct conf_watch *watch = NULL;

	assert_int_equal(conf_watch_open("/nonexistent/claviger.conf", &watch), -ENOENT);
	assert_null(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(a_folder_that_comes_later),
		cmocka_unit_test(a_folder_that_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
