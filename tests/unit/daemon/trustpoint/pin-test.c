/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/pin.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_fingerprint_is_compared_in_each_form(void **state)
{
	static const struct {
		const char *text;
		enum trustpoint_pin pin;
	} cases[] = {
		{"900150983cd24fb0d6963f7d28e17f72", TRUSTPOINT_PIN_MATCHES},
		{"90015098 3CD24FB0 D6963F7D 28E17F72", TRUSTPOINT_PIN_MATCHES},
		{"a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d", TRUSTPOINT_PIN_MATCHES},
		{"BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:"
		 "61:F2:00:15:AD",
		 TRUSTPOINT_PIN_MATCHES},
		{"900150983cd24fb0d6963f7d28e17f73", TRUSTPOINT_PIN_DIFFERS},
		{"a9993e364706816aba3e25717850c26c9cd0d89e", TRUSTPOINT_PIN_DIFFERS},
		{"", TRUSTPOINT_PIN_MALFORMED},
		{"90", TRUSTPOINT_PIN_MALFORMED},
		{"900150983cd24fb0d6963f7d28e17f7", TRUSTPOINT_PIN_MALFORMED},
		{"900150983cd24fb0d6963f7d28e17f7g", TRUSTPOINT_PIN_MALFORMED},
		{"900150983cd24fb0d6963f7d28e17f7200", TRUSTPOINT_PIN_MALFORMED},
		{"900150983cd24fb0-d6963f7d28e17f72", TRUSTPOINT_PIN_MALFORMED},
		{"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad00",
		 TRUSTPOINT_PIN_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		assert_int_equal(trustpoint_pin_check(cases[i].text, SPAN_LITERAL("abc")),
				 cases[i].pin);
	assert_int_equal(trustpoint_pin_check(cases[0].text, (struct span){}),
			 TRUSTPOINT_PIN_DIFFERS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fingerprint_is_compared_in_each_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
