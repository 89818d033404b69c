/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/lifecycle.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1700000000)

static const struct ca_generation_record in_force = {
	.number = 1,
	.not_before_s = NOW - 1000,
	.not_after_s = NOW + 1000,
	.takes_over_s = NOW - 1000,
};

static struct ca_server_facts healthy(void)
{
	return (struct ca_server_facts){
		.created = true,
		.wanted = true,
		.generations = &in_force,
		.n_generations = 1,
		.time_good = true,
		.token_ready = true,
		.storage_good = true,
		.crl_next_update_s = NOW + 500,
	};
}

static void check(const struct ca_server_facts *facts, int64_t now_s, enum ca_server_state state,
		  const char *reason)
{
	const char *told = NULL;

	assert_int_equal(ca_server_state(facts, now_s, &told), state);
	assert_string_equal(told, reason);
	assert_int_equal(ca_server_may_issue(facts, now_s, &told), state == CA_SERVER_ENABLED);
	assert_string_equal(told, state == CA_SERVER_ENABLED ? "" : reason);
}

static void each_condition_has_its_state_and_reason(void **state)
{
	struct ca_server_facts facts = healthy();

	(void)state;
	check(&facts, NOW, CA_SERVER_ENABLED, "");

	facts.created = false;
	check(&facts, NOW, CA_SERVER_ABSENT, "");
	facts = healthy();
	facts.wanted = false;
	check(&facts, NOW, CA_SERVER_DISABLED, "stopped by the operator");
	facts = healthy();
	facts.time_good = false;
	check(&facts, NOW, CA_SERVER_DISABLED, "waiting for time setting");
	facts = healthy();
	facts.storage_good = false;
	check(&facts, NOW, CA_SERVER_DISABLED, "storage inaccessible");
	facts.storage_reason = "storage inaccessible: it is full";
	check(&facts, NOW, CA_SERVER_DISABLED, "storage inaccessible: it is full");
	facts = healthy();
	facts.failed = true;
	check(&facts, NOW, CA_SERVER_DISABLED, "critical failure");
	facts.failure = "the CRL can't be published: no space left on device";
	check(&facts, NOW, CA_SERVER_DISABLED,
	      "the CRL can't be published: no space left on device");
	facts = healthy();
	facts.n_generations = 0;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "no CA certificate is active");
	facts = healthy();
	facts.name_missing = true;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "IssuerName= is no distinguished name");
	facts.created = false;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "IssuerName= is no distinguished name");
	facts = healthy();
	facts.key_missing = true;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED,
	      "the configuration has no [Token] section for the CA's key");
	facts = healthy();
	facts.key_gone = true;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "the CA's key is not on its token");
}

static void a_key_without_the_backup_that_is_required_serves_nobody(void **state)
{
	struct ca_generation_record generation = in_force;
	struct ca_server_facts facts = healthy();

	(void)state;
	facts.generations = &generation;
	facts.requires_backup = true;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "waits for the backup of its key");
	facts.backup_reason = "waits for a file";
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "waits for a file");
	generation.backed_up_s = NOW - 1;
	check(&facts, NOW, CA_SERVER_ENABLED, "");
	generation.backed_up_s = 0;
	facts.requires_backup = false;
	check(&facts, NOW, CA_SERVER_ENABLED, "");
}

static void a_token_that_is_away_is_told_but_disables_nothing(void **state)
{
	struct ca_server_facts facts = healthy();

	(void)state;
	facts.token_ready = false;
	check(&facts, NOW, CA_SERVER_ENABLED, "waiting for token");
	facts.token_reason = "";
	check(&facts, NOW, CA_SERVER_ENABLED, "waiting for token");
	facts.token_reason = "waiting for token soft: no PIN";
	check(&facts, NOW, CA_SERVER_ENABLED, "waiting for token soft: no PIN");
	facts.crl_next_update_s = NOW - 1; /* the token comes first: without it no CRL either */
	check(&facts, NOW, CA_SERVER_ENABLED, "waiting for token soft: no PIN");
}

static void a_superior_that_gives_no_more_is_told_but_disables_nothing(void **state)
{
	struct ca_server_facts facts = healthy();

	(void)state;
	facts.successor_reason = "";
	check(&facts, NOW, CA_SERVER_ENABLED, "");
	facts.successor_reason = "has no certificate to follow the one in force";
	facts.crl_next_update_s = NOW - 1;
	facts.http_missing = true;
	check(&facts, NOW, CA_SERVER_ENABLED, "has no certificate to follow the one in force");
	facts.token_ready = false; /* without which nothing is asked for, either */
	check(&facts, NOW, CA_SERVER_ENABLED, "waiting for token");
}

/* SRV-15: what comes by hand is still issued. */
static void a_front_end_that_is_away_is_told_but_disables_nothing(void **state)
{
	struct ca_server_facts facts = healthy();

	(void)state;
	facts.http_missing = true;
	facts.crl_next_update_s = NOW - 1;
	check(&facts, NOW, CA_SERVER_ENABLED, "waiting for HTTP server");
	facts.token_ready = false;
	check(&facts, NOW, CA_SERVER_ENABLED, "waiting for token");
}

static void a_stale_crl_is_told_but_disables_nothing(void **state)
{
	struct ca_server_facts facts = healthy();

	(void)state;
	facts.crl_next_update_s = NOW;
	check(&facts, NOW, CA_SERVER_ENABLED, "");
	facts.crl_next_update_s = NOW - 1;
	check(&facts, NOW, CA_SERVER_ENABLED, "CRL has expired");
	facts.crl_next_update_s = 0;
	check(&facts, NOW, CA_SERVER_ENABLED, "");
}

static void the_ca_certificate_bounds_the_server_to_the_second(void **state)
{
	struct ca_generation_record generation = in_force;
	struct ca_server_facts facts = healthy();

	(void)state;
	facts.generations = &generation;
	facts.crl_next_update_s = 0;
	check(&facts, generation.not_after_s, CA_SERVER_ENABLED, "");
	check(&facts, generation.not_after_s + 1, CA_SERVER_CHECK_FAILED,
	      "CA certificate has expired");
	check(&facts, generation.not_before_s, CA_SERVER_ENABLED, "");
	check(&facts, generation.not_before_s - 1, CA_SERVER_CHECK_FAILED,
	      "no CA certificate is active");
	generation.takes_over_s -= 10;
	check(&facts, generation.not_before_s - 1, CA_SERVER_CHECK_FAILED,
	      "CA certificate is not valid yet");
	generation.destroyed_s = NOW - 1;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "no CA certificate is active");
}

/* Of several troubles the one is told that must be mended first. */
static void the_graver_trouble_is_told_first(void **state)
{
	struct ca_server_facts facts = {
		.key_missing = true, .token_reason = "away", .crl_next_update_s = 1};

	(void)state;
	check(&facts, NOW, CA_SERVER_ABSENT, "");
	facts.created = true;
	check(&facts, NOW, CA_SERVER_DISABLED, "stopped by the operator");
	facts.wanted = true;
	check(&facts, NOW, CA_SERVER_DISABLED, "waiting for time setting");
	facts.time_good = true;
	check(&facts, NOW, CA_SERVER_DISABLED, "storage inaccessible");
	facts.storage_good = true;
	facts.failed = true;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "no CA certificate is active");
	facts.generations = &in_force;
	facts.n_generations = 1;
	check(&facts, NOW + 5000, CA_SERVER_CHECK_FAILED, "CA certificate has expired");
	check(&facts, NOW, CA_SERVER_DISABLED, "critical failure");
	facts.failed = false;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED,
	      "the configuration has no [Token] section for the CA's key");
	facts.key_missing = false;
	check(&facts, NOW, CA_SERVER_ENABLED, "away");
	facts.token_ready = true;
	check(&facts, NOW, CA_SERVER_ENABLED, "CRL has expired");
}

/* Neither a clock nor a certificate counts for one that passes messages on. */
static void a_transparent_ra_is_enabled_without_key_or_clock(void **state)
{
	struct ca_server_facts facts = {.created = true,
					.wanted = true,
					.relays = true,
					.token_ready = true,
					.storage_good = true};

	(void)state;
	check(&facts, NOW, CA_SERVER_ENABLED, "");
	facts.superior_away = true;
	facts.superior_reason = "nobody answers there";
	check(&facts, NOW, CA_SERVER_ENABLED, "nobody answers there");
	facts.superior_reason = "";
	check(&facts, NOW, CA_SERVER_ENABLED, "waiting for the superior CA");
	facts.wanted = false;
	check(&facts, NOW, CA_SERVER_DISABLED, "stopped by the operator");
	facts.wanted = true;
	facts.relays = false;
	facts.time_good = true;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "no CA certificate is active");
}

static void states_have_names(void **state)
{
	(void)state;
	assert_string_equal(ca_server_state_name(CA_SERVER_ABSENT), "absent");
	assert_string_equal(ca_server_state_name(CA_SERVER_DISABLED), "disabled");
	assert_string_equal(ca_server_state_name(CA_SERVER_ENABLED), "enabled");
	assert_string_equal(ca_server_state_name(CA_SERVER_CHECK_FAILED), "check failed");
}

static void one_below_another_waits_for_its_certificate(void **state)
{
	struct ca_server_facts facts = healthy();

	(void)state;
	facts.enrolls = true;
	check(&facts, NOW, CA_SERVER_ENABLED, "");
	facts.n_generations = 0;
	check(&facts, NOW, CA_SERVER_CHECK_FAILED,
	      "waits for its certificate from the superior CA");
	facts.superior_reason = "pending there";
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "pending there");
	/* What an operator has to do first is told first. */
	facts.breach = "another name";
	check(&facts, NOW, CA_SERVER_CHECK_FAILED, "another name");
	facts.wanted = false;
	check(&facts, NOW, CA_SERVER_DISABLED, "stopped by the operator");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_condition_has_its_state_and_reason),
		cmocka_unit_test(a_key_without_the_backup_that_is_required_serves_nobody),
		cmocka_unit_test(a_token_that_is_away_is_told_but_disables_nothing),
		cmocka_unit_test(a_superior_that_gives_no_more_is_told_but_disables_nothing),
		cmocka_unit_test(a_front_end_that_is_away_is_told_but_disables_nothing),
		cmocka_unit_test(a_stale_crl_is_told_but_disables_nothing),
		cmocka_unit_test(the_ca_certificate_bounds_the_server_to_the_second),
		cmocka_unit_test(the_graver_trouble_is_told_first),
		cmocka_unit_test(a_transparent_ra_is_enabled_without_key_or_clock),
		cmocka_unit_test(states_have_names),
		cmocka_unit_test(one_below_another_waits_for_its_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
