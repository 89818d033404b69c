/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ipc/pin-rule.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct pin_rule any = {4, 8, false}, digits = {16, 16, true};

static const struct {
	const struct pin_rule *rule;
	const char *pin;
	bool fits;
} rows[] = {
	{&any, "123", false},
	{&any, "1234", true},
	{&any, "sesame !", true},
	{&any, "123456789", false},
	{&any, "12\t4", false},
	{&digits, "3537363231383830", true},
	{&digits, "abcdefABCDEF0000", true},
	{&digits, "353736323138383", false},
	{&digits, "35373632313838300", false},
	{&digits, "353736323138383g", false},
	{&digits, "353736323138383 ", false},
};

static void each_pin_fits_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(pin_rule_fits(rows[i].rule, span_of_text(rows[i].pin)),
				 rows[i].fits);
}

static void people_are_told(void **state)
{
	char *text = NULL;

	(void)state;
	assert_int_equal(pin_rule_text(&any, &text), 0);
	assert_string_equal(text, "4 to 8 characters");
	free(text);
	assert_int_equal(pin_rule_text(&digits, &text), 0);
	assert_string_equal(text, "16 hexadecimal digits");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pin_fits_or_not),
		cmocka_unit_test(people_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
