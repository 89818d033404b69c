/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/serial-text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *text;
	uint64_t counter;
} counters[] = {
	{"16", 16},
	{"0x10", 16},
	{"0X10", 16},
	{"010", 8},
	{"0", 0},
	{"1", 1},
	{"0xffffffffffffffff", UINT64_MAX},
	{"18446744073709551615", UINT64_MAX},
	{"0x000000000000000000001", 1},
};

static void test_counters(void **state)
{
	struct ca_serial_name name;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(counters); i++) {
		assert_int_equal(ca_serial_name_read(counters[i].text, &name), 0);
		assert_true(name.is_counter);
		assert_true(name.counter == counters[i].counter);
	}
}

static void test_whole_numbers(void **state)
{
	static const char *const spellings[] = {"0x20123456789abcdef0", "20123456789ABCDEF0"};
	static const uint8_t expected[] = {0x20, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0};
	struct ca_serial_name name;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(spellings); i++) {
		assert_int_equal(ca_serial_name_read(spellings[i], &name), 0);
		assert_false(name.is_counter);
		assert_int_equal(name.serial_size, sizeof(expected));
		assert_memory_equal(name.serial, expected, sizeof(expected));
	}
	assert_int_equal(ca_serial_name_read("0x1aaaaaaaaaaaaaaaa", &name),
			 0); /* an odd number of digits */
	assert_int_equal(name.serial_size, 9);
	assert_int_equal(name.serial[0], 1);
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"0x",
		"x10",
		"abc",
		"-1",
		"+1",
		" 1",
		"1 ",
		"09",
		"1.5",
		"0x1g",

		"0x11111111111111111111111111111111111111111111",
		"router",
	};
	struct ca_serial_name name;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		if (ca_serial_name_read(texts[i], &name) != -EINVAL)
			fail_msg("\"%s\" was taken", texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_whole_numbers),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
