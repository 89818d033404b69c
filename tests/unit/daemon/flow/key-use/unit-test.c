/* SPDX-License-Identifier: Apache-2.0 */
/* Control groups as systemd makes them, as files of a directory. */
#include "daemon/base/files.h"
#include "daemon/flow/key-use/unit.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char root[64];
static const char *const units[] = {"nginx.service", "mail@1.service"};

/* Makes each directory on the way. */
static void put(const char *group, const char *processes)
{
	_cleanup_(freep) char *path = NULL;
	FILE *file;

	assert_true(text_format(&path, "%s/%s/cgroup.procs", root, group) >= 0);
	for (char *end = strchr(path + strlen(root) + 1, '/'); end; end = strchr(end + 1, '/')) {
		*end = '\0';
		(void)mkdir(path, 0755);
		*end = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(processes, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static const char *unit_of(pid_t pid)
{
	const char *found = "?";

	assert_int_equal(key_use_unit_find(root, units, ELEMENTS(units), pid, &found), 0);
	return found;
}

static int begin(void **state)
{
	(void)state;
	strcpy(root, "/tmp/claviger-cgroup-XXXXXX");
	assert_non_null(mkdtemp(root));
	return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int end(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void in_its_unit(void **state)
{
	(void)state;
	put("init.scope", "1\n");
	put("system.slice", "");
	put("system.slice/cron.service", "5\n");
	put("system.slice/nginx.service", "100\n1017\n1018\n");
	put("system.slice/system-mail.slice/mail@1.service", "7\n");
	assert_string_equal(unit_of(1017), "nginx.service");
	assert_string_equal(unit_of(100), "nginx.service");
	assert_string_equal(unit_of(7), "mail@1.service");
	assert_null(unit_of(10));
	assert_null(unit_of(5));
	assert_null(unit_of(0));
	assert_null(unit_of(101));
}

static void in_groups_within(void **state)
{
	(void)state;
	put("web.slice/web-inner.slice/nginx.service", "");
	put("web.slice/web-inner.slice/nginx.service/workers", "3\n");
	put("web.slice/web-inner.slice/nginx.service/workers/one/two", "4\n");
	assert_string_equal(unit_of(3), "nginx.service");
	assert_string_equal(unit_of(4), "nginx.service");
}

/* Whoever is given groups of his own calls them what he likes. */
static void not_what_has_its_name(void **state)
{
	(void)state;
	put("user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service", "8\n");
	put("system.slice/other.service/nginx.service", "9\n");
	put("machine.slice/box.scope/system.slice/nginx.service", "10\n");
	put("nginx.slice", "11\n");
	put("system.slice/nginx.service.d", "12\n");
	for (pid_t pid = 8; pid <= 12; pid++)
		assert_null(unit_of(pid));
}

static void beside_the_old_hierarchies(void **state)
{
	(void)state;
	put("cpu/system.slice/nginx.service", "20\n");
	put("unified/system.slice/nginx.service", "21\n");
	put("systemd/system.slice/mail@1.service", "22\n");
	assert_null(unit_of(20));
	assert_string_equal(unit_of(21), "nginx.service");
	assert_string_equal(unit_of(22), "mail@1.service");
}

static void without_control_groups(void **state)
{
	const char *found = "?";

	(void)state;
	assert_int_equal(key_use_unit_find("/nowhere/at/all", units, ELEMENTS(units), 1, &found),
			 0);
	assert_null(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_its_unit, begin, end),
		cmocka_unit_test_setup_teardown(in_groups_within, begin, end),
		cmocka_unit_test_setup_teardown(not_what_has_its_name, begin, end),
		cmocka_unit_test_setup_teardown(beside_the_old_hierarchies, begin, end),
		cmocka_unit_test(without_control_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
