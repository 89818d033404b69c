/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/serial.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t bits[CA_SERIAL_RANDOM_SIZE] = {0x00, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32};

static void sequential_serials_are_the_counter(void **state)
{
	static const struct {
		uint64_t counter;
		struct span expected;
	} cases[] = {
		{1, SPAN_LITERAL("\x01")},
		{2, SPAN_LITERAL("\x02")},
		{127, SPAN_LITERAL("\x7f")},
		{128, SPAN_LITERAL("\x80")},
		{256, SPAN_LITERAL("\x01\x00")},
		{0x01020304050607, SPAN_LITERAL("\x01\x02\x03\x04\x05\x06\x07")},
		{UINT64_MAX, SPAN_LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff")},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		uint8_t serial[20];
		size_t n = ca_serial(cases[i].counter, NULL, serial);

		assert_int_equal(n, cases[i].expected.size);
		assert_memory_equal(serial, cases[i].expected.data, n);
		assert_int_equal(ca_serial_counter(SPAN(serial, n)), cases[i].counter);
	}
}

static void random_serials_are_counter_and_64_bits(void **state)
{
	static const uint64_t counters[] = {1, 2, 255, 256, 65535, UINT64_C(1) << 40, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(counters); i++) {
		uint8_t serial[20];
		uint8_t bare[20];
		size_t n_bare = ca_serial(counters[i], NULL, bare);
		size_t n = ca_serial(counters[i], bits, serial);

		/* Positive and at most 20 octets even with a sign byte. */
		assert_int_equal(n, n_bare + 8);
		assert_true(n <= 19);
		assert_true(serial[0] != 0);
		assert_memory_equal(serial, bare, n_bare);
		assert_memory_equal(serial + n_bare, bits, 8);
		assert_int_equal(ca_serial_counter(SPAN(serial, n)), counters[i]);
	}
}

static void random_serials_rise_with_the_counter(void **state)
{
	static const uint8_t most[CA_SERIAL_RANDOM_SIZE] = {0xff, 0xff, 0xff, 0xff,
							    0xff, 0xff, 0xff, 0xff};
	static const uint8_t least[CA_SERIAL_RANDOM_SIZE] = {};

	(void)state;
	for (uint64_t counter = 1; counter < 1000; counter++) {
		uint8_t a[20];
		uint8_t b[20];
		size_t n_a = ca_serial(counter, most, a);
		size_t n_b = ca_serial(counter + 1, least, b);

		assert_true(n_a < n_b || (n_a == n_b && memcmp(a, b, n_a) < 0));
	}
}

static void foreign_serials_have_no_counter(void **state)
{
	static const uint8_t long_one[20] = {1};

	(void)state;
	assert_int_equal(ca_serial_counter(SPAN_ARRAY(long_one)), 0);
	assert_int_equal(ca_serial_counter(SPAN(long_one, 17)), 0);
	assert_int_equal(ca_serial_counter((struct span){}), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequential_serials_are_the_counter),
		cmocka_unit_test(random_serials_are_counter_and_64_bits),
		cmocka_unit_test(random_serials_rise_with_the_counter),
		cmocka_unit_test(foreign_serials_have_no_counter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
