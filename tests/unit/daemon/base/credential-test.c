/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that the configuration names. */
#include "daemon/base/credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/files.h"
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/credential-test-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	secret_allow_unlocked();
	return mkdtemp(folder) && setenv("CREDENTIALS_DIRECTORY", folder, 1) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return unsetenv("CREDENTIALS_DIRECTORY") || rmdir(folder);
}

static const struct {
	const char *name, *directory, *path;
} paths[] = {
	{"/etc/claviger/pin", "/run/c", "/etc/claviger/pin"},
	{"./pin", "/run/c", "./pin"},
	{"pin", "/run/c", "/run/c/pin"},
	{"pin", NULL, "/run/credentials/none/pin"},
};

static void a_name_with_a_slash_is_a_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(paths); i++) {
		_cleanup_(freep) char *path = NULL;

		assert_int_equal(credential_path(paths[i].name, paths[i].directory, &path), 0);
		assert_string_equal(path, paths[i].path);
	}
}

static const struct {
	const char *content; /* NULL: no such file */
	mode_t mode;
	const char *says; /* NULL: it is read */
} files[] = {
	{"sesame", 0600, NULL},
	{"sesame\n", 0400, NULL},
	{"sesame", 0640, "others may read it: give it mode 0600"},
	{"a longer one than that", 0600, "it is too long"},
	{NULL, 0, "there is no such file"},
};

static void what_can_t_be_read_says_what_to_do(void **state)
{
	char path[PATH_MAX];

	(void)state;
	snprintf(path, sizeof(path), "%s/word", folder);
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		_cleanup_(secret_done) struct secret word = {};
		_cleanup_(freep) char *reason = NULL, *said = NULL;

		if (files[i].content)
			assert_int_equal(file_write_atomically(path, span_of_text(files[i].content),
							       files[i].mode),
					 0);
		else
			assert_int_equal(unlink(path), 0);
		assert_int_equal(credential_read("word", 16, &word, &reason),
				 files[i].says ? CREDENTIAL_REFUSED : 0);
		if (!files[i].says) {
			assert_true(span_equal(span_of_secret(word), SPAN_LITERAL("sesame")));
			continue;
		}
		assert_int_equal(text_format(&said, "%s can't be read: %s", path, files[i].says),
				 0);
		assert_string_equal(reason, said);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_with_a_slash_is_a_path),
		cmocka_unit_test(what_can_t_be_read_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
