/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's wish, and what a server does by itself. */
#include "daemon/flow/server/round.h"
#include "daemon/flow/server/server.h"
#include "daemon/flow/succession/authority-standing.h"
#include "daemon/flow/succession/succession.h"
#include "tests/unit/daemon/flow/world.h"

static struct ca_server_record record(void)
{
	struct ca_server_record server = {};

	assert_int_equal(store_server_load(world.flow->store, "CA", &server), 0);
	return server;
}

static struct ca_plan plan(void)
{
	struct ca_plan next;

	assert_int_equal(flow_server_plan(world.flow, world.authority, NULL, world.now_s, &next),
			 0);
	return next;
}

static int act(const struct ca_plan *what)
{
	return flow_server_act(world.flow, world.authority, what, world.now_s);
}

static uint64_t crl_number(void)
{
	struct ca_server_record server = record();
	uint64_t number = server.crl_number;

	ca_server_record_done(&server);
	return number;
}

/* The wish is recorded, told to whoever asks, and heard of in the log by its line. */
static void start_and_stop(void **state)
{
	_cleanup_(freep) char *reason = NULL;
	struct generations *generations;

	(void)state;
	world_open("", "");
	assert_int_equal(
		flow_server_stop(world.flow, world.authority, "uid 0", world.now_s, &reason), 0);
	generations = authority_generations(world.authority);
	assert_false(generations->enabled);
	generations_unref(generations);
	assert_int_equal(plan().action, CA_ACTION_EXPIRE_CERTIFICATE);
	assert_int_equal(
		flow_server_start(world.flow, world.authority, "uid 0", world.now_s, &reason), 0);
	generations = authority_generations(world.authority);
	assert_true(generations->enabled);
	generations_unref(generations);
	/* Its token is away: the first CRL follows. */
	assert_int_equal(plan().action, CA_ACTION_SIGN_CRL);
	assert_int_equal(audited("server.start"), 1);
	assert_int_equal(audited("server.stop"), 1);
	world_close();
}

/* What fails after the wish is recorded is told by the server's state, not as a start that failed.
 */
static void a_start_is_a_start(void **state)
{
	_cleanup_(generations_unrefp) struct generations *generations = NULL;
	_cleanup_(freep) char *away = NULL, *reason = NULL;
	int64_t next_s;

	(void)state;
	world_open("", "");
	assert_int_equal(flow_server_stop(world.flow, world.authority, "uid 0", START, &reason), 0);
	assert_true(text_format(&away, "%s.away", world.flow->public_directory) >= 0);
	assert_int_equal(rename(world.flow->public_directory, away), 0);
	write_text(world.flow->public_directory, "no directory");
	use_key(world.key);
	assert_int_equal(flow_server_start(world.flow, world.authority, "uid 0", START, &reason),
			 0);
	assert_false(flow_server_round(world.flow, world.authority, START, &next_s));
	generations = authority_generations(world.authority);
	assert_true(generations->enabled);
	world_close();
}

/* As when AutoRollover= is taken back while the token of the next key is away. */
static void a_rollover_that_is_not_wanted_waits_for_nothing(void **state)
{
	char trouble[SUCCESSION_TROUBLE_SIZE];
	int64_t next_s;

	(void)state;
	world_open("", "");
	succession_note_trouble(world.authority, "its token is away");
	(void)flow_server_round(world.flow, world.authority, START, &next_s);
	succession_tell_trouble(world.authority, trouble);
	assert_string_equal(trouble, "");
	world_close();
}

static void what_is_not_created(void **state)
{
	_cleanup_(freep) char *first = NULL, *second = NULL, *third = NULL;
	struct authority *authority;
	struct ca_plan next;

	(void)state;
	world_open("", "[Server OTHER]\nToken=soft\n");
	authority = flow_find_authority(world.flow, SPAN_LITERAL("OTHER"));
	assert_non_null(authority);
	assert_int_equal(flow_server_start(world.flow, authority, "uid 0", START, &first),
			 FLOW_REFUSED);
	assert_int_equal(flow_server_stop(world.flow, authority, "uid 0", START, &second),
			 FLOW_REFUSED);
	assert_non_null(first);
	assert_non_null(second);
	assert_int_equal(flow_server_plan(world.flow, authority, NULL, START, &next), 0);
	assert_int_equal(next.action, CA_ACTION_NONE);
	assert_int_equal(flow_server_create(world.flow, world.authority, "uid 0", START, &third),
			 FLOW_REFUSED);
	assert_non_null(strstr(third, "exists"));
	world_close();
}

/* The first at once, at half its life, and at once on a revocation: one for all that came. */
static void crls_are_signed_when_they_are_due(void **state)
{
	struct router router = router_of(0, "r1", "t1"), other = router_of(1, "r2", "t2");
	_cleanup_(bytes_done) struct bytes first = {}, second = {};
	struct ca_plan next;

	(void)state;
	world_open("", "Grant=auto");
	next = plan();
	assert_int_equal(next.action, CA_ACTION_SIGN_CRL);
	assert_int_equal(act(&next), 0);
	assert_int_equal(crl_number(), 1);
	assert_int_equal(act(&next), 0);
	assert_int_equal(crl_number(), 1);
	next = plan();
	assert_int_equal(next.when_s, START + 84 * HOUR);
	first = expect_certificate(enroll(&router, NULL));
	second = expect_certificate(enroll(&other, NULL));
	revoke_certificate(span_of(first), 0);
	revoke_certificate(span_of(second), 3);
	/* Signed within the same second: those that come in a burst wait for the next. */
	assert_int_equal(plan().when_s, world.now_s + 1);
	world.now_s++;
	next = plan();
	assert_true(next.when_s <= world.now_s);
	assert_int_equal(act(&next), 0);
	assert_int_equal(crl_number(), 2);
	assert_true(plan().when_s > world.now_s);
	world.now_s += 84 * HOUR;
	next = plan();
	assert_int_equal(act(&next), 0);
	assert_int_equal(crl_number(), 3);
	router_done(&other);
	router_done(&router);
	world_close();
}

static void requests_end(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct ca_plan next;

	(void)state;
	world_open("", "RequestLifetime=1h");
	next = plan();
	assert_int_equal(act(&next), 0);
	expect(enroll(&router, NULL), PENDING, -1);
	next = plan();
	assert_int_equal(next.action, CA_ACTION_EXPIRE_REQUESTS);
	assert_int_equal(next.when_s, START + HOUR);
	world.now_s = START + HOUR;
	assert_int_equal(act(&next), 0);
	assert_int_equal(newest(), 0);
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_CERT_ID);
	router_done(&router);
	world_close();
}

/* The CA's own is 1, clients' follow without a gap also past a clean stop. */
static enum ca_server_state standing_of(struct authority *authority)
{
	struct authority_standing standing;
	enum ca_server_state found;
	const char *reason;

	assert_int_equal(authority_standing_load(world.flow, authority, world.now_s, &standing), 0);
	found = ca_server_state(&standing.facts, world.now_s, &reason);
	authority_standing_done(&standing);
	return found;
}

/* The configuration names another token now: that server alone stands still, and signs nothing. */
static void a_token_that_is_not_configured(void **state)
{
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("", "");
	expect(enroll(&router, NULL), PENDING, -1);
	world.flow = flow_unref(world.flow);
	world.conf = conf_unref(world.conf);
	world.token = "other";
	write_configuration("", "[Server B]\nToken=other\n");
	world.token = NULL;
	world_load();
	assert_int_equal(standing_of(world.authority), CA_SERVER_CHECK_FAILED);
	assert_int_equal(standing_of(&world.flow->authorities[1]), CA_SERVER_ABSENT);
	expect_http(enroll(&router, NULL), 503);
	assert_int_equal(outcome_of_grant(newest()), FLOW_REFUSED);
	assert_int_equal(flow_sign_crl(world.flow, world.authority, "uid 0", world.now_s),
			 FLOW_LATER);
	assert_int_equal(flow_renew_crl(world.flow, world.authority, world.now_s), FLOW_LATER);
	use_key(world.key);
	assert_int_equal(standing_of(world.authority), CA_SERVER_ENABLED);
	expect(enroll(&router, NULL), PENDING, -1);
	router_done(&router);
	world_close();
}

/* What is enveloped to a generation whose key can't be reached waits. */
static void an_exchange_key_that_is_not_configured(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct generation *generation;
	struct heard heard;

	(void)state;
	world_open("", "");
	generation = &world.authority->shared->generations->items[0];
	generation->own.key = key_unref(generation->own.key);
	heard = enroll(&router, NULL);
	assert_int_equal(heard.http, 503);
	heard_done(&heard);
	router_done(&router);
	world_close();
}

static void serial_numbers(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	char transaction[] = "a";

	(void)state;
	world_open("", "Grant=auto\nSerialNumbers=sequential");
	router.transaction = transaction;
	for (uint8_t expected = 2; expected < 6; expected++) {
		_cleanup_(bytes_done) struct bytes der = {};
		struct x509_certificate certificate;

		transaction[0]++;
		der = expect_certificate(enroll(&router, NULL));
		assert_int_equal(x509_certificate_read(span_of(der), &certificate), 0);
		assert_same(certificate.serial, SPAN(&expected, 1));
		world_restart("Grant=auto\nSerialNumbers=sequential");
	}
	router_done(&router);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_and_stop),
		cmocka_unit_test(a_start_is_a_start),
		cmocka_unit_test(a_rollover_that_is_not_wanted_waits_for_nothing),
		cmocka_unit_test(what_is_not_created),
		cmocka_unit_test(crls_are_signed_when_they_are_due),
		cmocka_unit_test(requests_end),
		cmocka_unit_test(a_token_that_is_not_configured),
		cmocka_unit_test(an_exchange_key_that_is_not_configured),
		cmocka_unit_test(serial_numbers),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
