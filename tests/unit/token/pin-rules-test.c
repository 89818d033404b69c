/* SPDX-License-Identifier: Apache-2.0 */
#include "token/pin-rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *manufacturer;
	unsigned least, most;
	struct pin_rule so_pin, pin;
} rows[] = {
	{"SoftHSM project", 4, 255, {4, 255, false}, {4, 255, false}},
	{"IBM", 4, 8, {4, 8, false}, {4, 8, false}},
	/* Says nothing of any use. */
	{"", 0, 0, {1, 255, false}, {1, 255, false}},
	{"", 0, 4096, {1, 255, false}, {1, 255, false}},
	{"www.CardContact.de", 6, 15, {16, 16, true}, {6, 15, false}},
};

static void assert_same_rule(const struct pin_rule *rule, const struct pin_rule *wanted)
{
	assert_int_equal(rule->least, wanted->least);
	assert_int_equal(rule->most, wanted->most);
	assert_int_equal(rule->hex, wanted->hex);
}

static void are_the_tokens_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct hsm_token_facts facts = {.least_pin = rows[i].least,
						.most_pin = rows[i].most};
		struct pin_rules rules;

		(void)snprintf(facts.slot.manufacturer, sizeof(facts.slot.manufacturer), "%s",
			       rows[i].manufacturer);
		rules = pin_rules_of(&facts);
		assert_same_rule(&rules.so_pin, &rows[i].so_pin);
		assert_same_rule(&rules.pin, &rows[i].pin);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_the_tokens_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
