/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/hindrance.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DAY INT64_C(86400)
#define NOW INT64_C(1600000000)
#define END (NOW + 30 * DAY)

static struct ca_generation_record active;
static struct ca_server_facts server;
static struct ca_rollover_facts facts;

static int reset(void **state)
{
	(void)state;
	active = (struct ca_generation_record){.number = 1,
					       .not_before_s = NOW - DAY,
					       .not_after_s = END,
					       .takes_over_s = NOW - DAY};
	server = (struct ca_server_facts){.created = true,
					  .wanted = true,
					  .generations = &active,
					  .n_generations = 1,
					  .time_good = true,
					  .token_ready = true,
					  .storage_good = true,
					  .crl_next_update_s = NOW + DAY};
	facts = (struct ca_rollover_facts){.server = &server, .next_token_ready = true};
	return 0;
}

static void expect(const char *reason, int64_t now_s)
{
	const char *told = ca_rollover_hindrance(&facts, now_s);

	if (reason)
		assert_string_equal(told, reason);
	else
		assert_null(told);
}

static void each_missing_prerequisite_is_told(void **state)
{
	(void)state;
	expect(NULL, NOW);
	server.created = false;
	expect("the server is not created", NOW);
	reset(NULL);
	server.wanted = false;
	expect("stopped by the operator", NOW);
	reset(NULL);
	server.time_good = false;
	expect("waiting for time setting", NOW);
	reset(NULL);
	server.storage_good = false;
	expect("storage inaccessible", NOW);
	server.storage_reason = "storage inaccessible: disk full";
	expect("storage inaccessible: disk full", NOW);
	reset(NULL);
	server.n_generations = 0;
	expect("no CA certificate is active", NOW);
	reset(NULL);
	active.not_before_s = NOW + 1;
	expect("CA certificate is not valid yet", NOW);
	reset(NULL);
	server.key_missing = true;
	expect("the configuration has no [Token] section for the CA's key", NOW);
	reset(NULL);
	server.token_ready = false;
	expect("waiting for token", NOW);
	server.token_reason = "waiting for token: soft is absent";
	expect("waiting for token: soft is absent", NOW);
	reset(NULL);
	facts.next_token_ready = false;
	expect("waiting for the token of the next key", NOW);
	facts.next_token_reason = "waiting for token: second is absent";
	expect("waiting for token: second is absent", NOW);
	reset(NULL);
	server.crl_next_update_s = NOW;
	expect("no CRL is in force", NOW);
	server.crl_next_update_s = 0;
	expect("no CRL is in force", NOW);
	reset(NULL);
	server.failed = true;
	expect("critical failure", NOW);
	server.failure = "storage inaccessible: x";
	expect("storage inaccessible: x", NOW);
	reset(NULL);
	server.http_missing = true;
	expect("waiting for HTTP server", NOW);
	reset(NULL);
}

static void the_first_of_several_is_told(void **state)
{
	(void)state;
	server.http_missing = true;
	server.token_ready = false;
	expect("waiting for token", NOW);
	server.time_good = false;
	expect("waiting for time setting", NOW);
}

/* Without a certificate in force there is nothing to be careful with. */
static void after_the_end_a_successor_counts_more(void **state)
{
	(void)state;
	server.crl_next_update_s = 0;
	server.token_ready = false;
	server.key_missing = true;
	server.failed = true;
	server.http_missing = true;
	expect("the configuration has no [Token] section for the CA's key", END - 1);
	expect(NULL, END);
	facts.next_token_ready = false;
	expect("waiting for the token of the next key", END);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_missing_prerequisite_is_told, reset),
		cmocka_unit_test_setup(the_first_of_several_is_told, reset),
		cmocka_unit_test_setup(after_the_end_a_successor_counts_more, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
