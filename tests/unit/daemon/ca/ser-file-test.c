/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/ser-file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void written_as_routers_do(void **state)
{
	static const struct {
		uint64_t last_serial;
		const char *expected;
	} cases[] = {
		{0, "db_version = 1\nlast_serial = 0x0"},
		{1, "db_version = 1\nlast_serial = 0x1"},
		{42, "db_version = 1\nlast_serial = 0x2A"},
		{UINT64_MAX, "db_version = 1\nlast_serial = 0xFFFFFFFFFFFFFFFF"},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		_cleanup_(buffer_done) struct buffer text = {};
		struct ca_ser_file back;

		ca_ser_file_write(cases[i].last_serial, &text);
		assert_true(span_equal(span_of_buffer(&text), span_of_text(cases[i].expected)));
		assert_int_equal(ca_ser_file_read(span_of_buffer(&text), &back), 0);
		assert_int_equal(back.version, CA_SER_VERSION);
		assert_int_equal(back.last_serial, cases[i].last_serial);
	}
	/* DB-22: what a directory of IOS shows. */
	assert_int_equal(strlen(cases[1].expected), 32);
}

static void read_as_others_write(void **state)
{
	static const struct {
		const char *text;
		uint64_t last_serial;
	} cases[] = {
		{"db_version = 1\nlast_serial = 0x2\n", 2},
		{"db_version = 1\r\nlast_serial = 0x2\r\n", 2},
		{"last_serial = 0xff\ndb_version = 1", 255},
		{"DB version 1\nlast serial 17\n", 17},
		{"DB_VERSION=1\nLAST_SERIAL=0X0A\n", 10},
		{"  db_version\t=  1 \n\n; by hand\nlast_serial = 3 \n", 3},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct ca_ser_file file = {};

		assert_int_equal(ca_ser_file_read(span_of_text(cases[i].text), &file), 0);
		assert_int_equal(file.last_serial, cases[i].last_serial);
	}
}

static void other_versions_are_not_believed(void **state)
{
	static const char *const cases[] = {
		"db_version = 2\nlast_serial = 0x2",
		"db_version = 0\nlast_serial = 0x2",
		"last_serial = 0x2\ndb_version = 4294967295",
		"db_version = 2\n",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct ca_ser_file file = {.last_serial = 99};

		assert_int_equal(ca_ser_file_read(span_of_text(cases[i]), &file),
				 CA_SER_VERSION_UNKNOWN);
		assert_int_not_equal(file.version, CA_SER_VERSION);
		assert_int_equal(file.last_serial, 0);
	}
}

static void damaged_ones_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"\n\n",
		"db_version = 1",
		"last_serial = 0x1",
		"db_version = one\nlast_serial = 0x1",
		"db_version = 1\nlast_serial = 0x",
		"db_version = 1\nlast_serial =",
		"db_version = 1\nlast_serial = -1",
		"db_version = 1\nlast_serial = 0x1g",
		"db_version = 1\nlast_serial = 0x10000000000000000",
		"db_version = 1\nlast_serial = 18446744073709551616",
		"db_version = 1\nlast_serial = 1\nlast_serial = 2",
		"db_version = 4294967296\nlast_serial = 1",
		"db_versions = 1\nlast_serial = 1",
	};
	struct ca_ser_file file;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		assert_int_equal(ca_ser_file_read(span_of_text(cases[i]), &file), -EINVAL);
	assert_int_equal(
		ca_ser_file_read(SPAN_LITERAL("db_version = 1\nlast_serial = 1\0002"), &file),
		-EINVAL);
}

static void size_is_bounded(void **state)
{
	static const char head[] = "db_version = 1\nlast_serial = 1\n";
	uint8_t text[CA_SER_FILE_MOST + 1];
	struct ca_ser_file file;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, head, sizeof(head) - 1);
	assert_int_equal(ca_ser_file_read(SPAN(text, CA_SER_FILE_MOST), &file), 0);
	assert_int_equal(ca_ser_file_read(SPAN(text, CA_SER_FILE_MOST + 1), &file), -EFBIG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_as_routers_do),
		cmocka_unit_test(read_as_others_write),
		cmocka_unit_test(other_versions_are_not_believed),
		cmocka_unit_test(damaged_ones_are_refused),
		cmocka_unit_test(size_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
