/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cli/machine-files.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char *first[] = {"nginx.service", "a\\x2db.service"};
static char *second[] = {"nginx.service", "strongswan.service"};

static struct machine_files make(struct conf_trustpoint *trustpoints, size_t n)
{
	const struct conf conf = {.trustpoints = trustpoints, .n_trustpoints = n};
	struct machine_files files;

	assert_int_equal(machine_files_make(&conf, &files), 0);
	return files;
}

static void each_unit_and_directory_is_named_once(void **state)
{
	struct conf_trustpoint trustpoints[] = {
		{.export_directory = "/srv/100% x", .reload_units = first, .n_reload_units = 2},
		{.export_directory = "/srv/100% x", .reload_units = second, .n_reload_units = 2},
		{.export_directory = "/etc/swanctl"},
	};
	struct machine_files files = make(trustpoints, 3);

	(void)state;
	assert_int_equal(files.n, 2);
	assert_string_equal(files.items[0].path, "/etc/polkit-1/rules.d/50-claviger.rules");
	assert_non_null(strstr(files.items[0].content,
			       "var units = [\"nginx.service\", \"a\\\\x2db.service\", "
			       "\"strongswan.service\"];\n"));
	assert_string_equal(files.items[1].content, "[Service]\n"
						    "ReadWritePaths=\"-/srv/100%% x\"\n"
						    "ReadWritePaths=\"-/etc/swanctl\"\n");
	machine_files_done(&files);
}

static void only_what_is_used_is_asked_for(void **state)
{
	struct conf_trustpoint trustpoints[] = {{.name = "A"}, {.export_directory = "/srv"}};
	struct machine_files files = make(trustpoints, 1);

	(void)state;
	assert_int_equal(files.n, 0);
	files = make(trustpoints, 2);
	assert_int_equal(files.n, 1);
	assert_non_null(strstr(files.items[0].path, "clavigerd.service.d"));
	machine_files_done(&files);
}

static void a_card_in_a_reader_needs_a_way_to_pcscd(void **state)
{
	struct conf_token tokens[] = {
		{.name = "soft", .module = "/usr/lib/softhsm/libsofthsm2.so"},
		{.name = "none"},
		{.name = "usb", .module = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"},
	};
	const struct conf conf = {.tokens = tokens, .n_tokens = ELEMENTS(tokens)};
	const struct conf_token vendors = {.module = "/opt/v/lib.so", .reader = "Maker Reader"};
	const struct conf soft = {.tokens = tokens, .n_tokens = ELEMENTS(tokens) - 1};
	struct machine_files files;

	(void)state;
	assert_true(machine_has_reader(&vendors));
	assert_int_equal(machine_files_make(&soft, &files), 0);
	assert_int_equal(files.n, 0);
	assert_int_equal(machine_files_make(&conf, &files), 0);
	assert_int_equal(files.n, 1);
	assert_string_equal(files.items[0].path, "/etc/polkit-1/rules.d/50-claviger-pcscd.rules");
	assert_string_equal(files.items[0].what, "polkit rule");
	assert_non_null(files.items[0].beside);
	assert_non_null(strstr(files.items[0].content, "\"org.debian.pcsc-lite.access_card\""));
	assert_non_null(strstr(files.items[0].content, "subject.user == \"claviger-token\""));
	machine_files_done(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_unit_and_directory_is_named_once),
		cmocka_unit_test(only_what_is_used_is_asked_for),
		cmocka_unit_test(a_card_in_a_reader_needs_a_way_to_pcscd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
