/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/key-use.h"
#include "token/uses.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct conf_trustpoint trustpoints[] = {
	{.name = "branch", .key = "edge"},
	{.name = "pair", .key = "two", .usage_keys = true},
};

static struct conf_use uses[] = {
	{.name = "web", .key = "branch", .uses = KEY_USE_TLS},
	{.name = "vpn", .key = "edge", .uses = KEY_USE_IKE},
	{.name = "mail", .key = "pair", .uses = KEY_USE_CMS},
	{.name = "script", .key = "spare", .uses = KEY_USE_ANY | KEY_USE_TLS},
};

static const struct {
	const char *label;
	unsigned uses;
} rows[] = {
	/* by the trustpoint's name and by the label, together */
	{"edge", KEY_USE_TLS | KEY_USE_IKE},
	/* the one to come, and the one after that */
	{"edge#", KEY_USE_TLS | KEY_USE_IKE},
	{"edge##", KEY_USE_TLS | KEY_USE_IKE},
	/* a trustpoint's name is no label */
	{"branch", 0},
	{"two", KEY_USE_CMS},
	{"two-encr#", KEY_USE_CMS},
	{"two-sign", 0},
	{"spare", KEY_USE_ANY | KEY_USE_TLS},
	{"Spare", 0},
	{"spar", 0},
	{"spare#2", 0},
	{"", 0},
	{"#", 0},
};

static void all_sections_about_a_key_count_together(void **state)
{
	const struct conf conf = {
		.trustpoints = trustpoints,
		.n_trustpoints = ELEMENTS(trustpoints),
		.uses = uses,
		.n_uses = ELEMENTS(uses),
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		unsigned found = 0xff;

		assert_int_equal(uses_find(&conf, rows[i].label, &found), 0);
		if (found != rows[i].uses)
			fail_msg("%s: %u", rows[i].label, found);
	}
}

static void without_sections_nobody_uses_anything(void **state)
{
	const struct conf conf = {0};
	unsigned found = 0xff;

	(void)state;
	assert_int_equal(uses_find(&conf, "edge", &found), 0);
	assert_int_equal(found, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sections_about_a_key_count_together),
		cmocka_unit_test(without_sections_nobody_uses_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
