/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/restore.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1000000

static const struct ca_restore_facts good = {
	.root = true,
	.name_matches = true,
	.self_signed = true,
	.ca = true,
	.cert_sign = true,
	.crl_sign = true,
	.not_before_s = NOW,
	.not_after_s = NOW + 1,
	.own_counter = 1,
	.has_last = true,
	.last_counter = 3,
	.has_crl = true,
	.crl_is_its_own = true,
};

static void a_whole_server_goes_on(void **state)
{
	struct ca_restore_facts facts = good;

	(void)state;
	assert_null(ca_restore_refuses(&facts, NOW));
	facts.has_crl = facts.crl_is_its_own = false;
	assert_null(ca_restore_refuses(&facts, NOW));
	facts.weak = facts.allow_weak = true;
	assert_null(ca_restore_refuses(&facts, NOW));
	facts.random = facts.serial_is_random = true;
	assert_null(ca_restore_refuses(&facts, NOW));
	facts.last_counter = 1;
	assert_null(ca_restore_refuses(&facts, NOW));
}

static const struct {
	size_t flag; /* turned round */
	const char *says;
} flags[] = {
	{offsetof(struct ca_restore_facts, exists), "exists"},
	{offsetof(struct ca_restore_facts, is_anothers), "another server"},
	{offsetof(struct ca_restore_facts, root), "Mode=root"},
	{offsetof(struct ca_restore_facts, name_matches), "IssuerName="},
	{offsetof(struct ca_restore_facts, self_signed), "self-signed"},
	{offsetof(struct ca_restore_facts, ca), "CA:TRUE"},
	{offsetof(struct ca_restore_facts, cert_sign), "keyCertSign"},
	{offsetof(struct ca_restore_facts, crl_sign), "cRLSign"},
	{offsetof(struct ca_restore_facts, weak), "AllowWeak=yes"},
	{offsetof(struct ca_restore_facts, random), "SerialNumbers=sequential"},
	{offsetof(struct ca_restore_facts, serial_is_random), "SerialNumbers=random"},
	{offsetof(struct ca_restore_facts, has_last), "--ser"},
	{offsetof(struct ca_restore_facts, crl_is_its_own), "the CRL"},
};

static void each_rule_says_what_to_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(flags); i++) {
		struct ca_restore_facts facts = good;
		bool *flag = (bool *)((char *)&facts + flags[i].flag);
		const char *why;

		*flag = !*flag;
		why = ca_restore_refuses(&facts, NOW);
		assert_non_null(why);
		assert_non_null(strstr(why, flags[i].says));
	}
}

static void times_and_numbers(void **state)
{
	struct ca_restore_facts facts = good;

	(void)state;
	assert_non_null(ca_restore_refuses(&facts, NOW - 1));
	assert_non_null(ca_restore_refuses(&facts, NOW + 1));
	facts.last_counter = 0;
	assert_non_null(ca_restore_refuses(&facts, NOW));
	facts.own_counter = 0;
	assert_non_null(ca_restore_refuses(&facts, NOW));
	facts.last_counter = UINT64_MAX;
	assert_non_null(ca_restore_refuses(&facts, NOW));
	facts.last_counter = facts.revoked_counter = 3;
	assert_null(ca_restore_refuses(&facts, NOW));
	facts.revoked_counter = 4;
	assert_non_null(strstr(ca_restore_refuses(&facts, NOW), "--last-serial"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_server_goes_on),
		cmocka_unit_test(each_rule_says_what_to_do),
		cmocka_unit_test(times_and_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
