/* SPDX-License-Identifier: Apache-2.0 */
/* What is answered without a CertRep, and to messages of no or of an unknown type. */
#include "daemon/flow/server/server.h"
#include "tests/unit/daemon/flow/world.h"

static void what_is_no_message_or_no_server(void **state)
{
	struct scep_call call = {
		.server = SPAN_LITERAL("CA"),
		.peer = SPAN_LITERAL("192.0.2.1"),
		.message = SPAN_LITERAL("hello"),
	};
	struct scep_result result = {};

	(void)state;
	world_open("", "Grant=auto");
	assert_int_equal(flow_scep(world.flow, &call, world.now_s, &result), 0);
	assert_int_equal(result.status, 400);
	assert_true(result.body.size > 0);
	scep_result_done(&result);
	call.server = SPAN_LITERAL("OTHER");
	assert_int_equal(flow_scep(world.flow, &call, world.now_s, &result), 0);
	assert_int_equal(result.status, 404);
	scep_result_done(&result);
	world_close();
}

/* A client is to come back, not to believe itself refused. */
static void a_stopped_server_and_an_old_one(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(freep) char *reason = NULL;

	(void)state;
	world_open("", "Grant=auto");
	assert_int_equal(
		flow_server_stop(world.flow, world.authority, "uid 0", world.now_s, &reason), 0);
	expect_http(enroll(&router, NULL), 503);
	assert_int_equal(outcome_of_grant(1), FLOW_REFUSED);
	assert_int_equal(
		flow_server_start(world.flow, world.authority, "uid 0", world.now_s, &reason), 0);
	use_key(world.key);
	expect(enroll(&router, NULL), SUCCESS, -1);
	world.now_s = START - 1;
	expect_http(enroll(&router, NULL), 503);
	world.now_s = START + CA_LIFE + 1;
	expect_http(enroll(&router, NULL), 503);
	router_done(&router);
	world_close();
}

/* Signed, whatever is wrong, once the transaction is known. */
static void the_types_are_closed(void **state)
{
	static const char *const types[] = {"3", "18", "0", "255", "x", "019"};
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL);

	(void)state;
	world_open("", "Grant=auto");
	for (size_t i = 0; i < ELEMENTS(types); i++)
		expect(say(&router, &router.self, types[i], span_of(csr)), FAILURE,
		       SCEP_BAD_REQUEST);
	expect(say(&router, &router.self, "19", SPAN_LITERAL("hello")), FAILURE,
	       SCEP_BAD_MESSAGE_CHECK);
	assert_int_equal(newest(), 0);
	router_done(&router);
	world_close();
}

/* To ours, once, or to nobody. */
static void recipients(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL);
	struct plan plan = {
		.signer = &router.self,
		.recipients = {router.self.certificate},
		.n_recipients = 1,
		.content = span_of(csr),
		.digest = EVP_sha256(),
		.cipher = EVP_aes_256_cbc(),
		.type = "19",
		.transaction_id = SPAN_LITERAL("t1"),
		.sender_nonce = SPAN_LITERAL("0123456789abcdef"),
	};
	struct bytes message;

	(void)state;
	world_open("", "Grant=auto");
	message = request_new(&plan);
	expect(hear(&router, span_of(message), &router.self), FAILURE, SCEP_BAD_REQUEST);
	bytes_done(&message);
	plan.recipients[1] = world.certificate;
	plan.n_recipients = 2;
	message = request_new(&plan);
	expect(hear(&router, span_of(message), &router.self), SUCCESS, -1);
	bytes_done(&message);
	plan.recipients[0] = world.certificate;
	message = request_new(&plan);
	expect(hear(&router, span_of(message), &router.self), FAILURE, SCEP_BAD_REQUEST);
	bytes_done(&message);
	router_done(&router);
	world_close();
}

/* By the issuer its signer names; unverified, for the order of the queue. */
static void known_peers(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL);
	_cleanup_(bytes_done) struct bytes first = {}, renewal = {}, der = {};
	struct scep_call call = {.server = SPAN_LITERAL("CA")};
	struct party old;

	(void)state;
	world_open("", "Grant=auto");
	first = message_of(&router, &router.self, "19", span_of(csr));
	call.message = span_of(first);
	assert_false(flow_scep_is_known_peer(world.flow, &call));
	der = expect_certificate(hear(&router, span_of(first), &router.self));
	old = (struct party){keys[0], certificate_of(span_of(der))};
	renewal = message_of(&router, &old, "19", span_of(csr));
	call.message = span_of(renewal);
	assert_true(flow_scep_is_known_peer(world.flow, &call));
	call.server = SPAN_LITERAL("OTHER");
	assert_false(flow_scep_is_known_peer(world.flow, &call));
	X509_free(old.certificate);
	router_done(&router);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_message_or_no_server),
		cmocka_unit_test(a_stopped_server_and_an_old_one),
		cmocka_unit_test(the_types_are_closed),
		cmocka_unit_test(recipients),
		cmocka_unit_test(known_peers),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
