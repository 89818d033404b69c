/* SPDX-License-Identifier: Apache-2.0 */
/* CertPoll, GetCert, GetCRL: who gets what. */
#include "daemon/ipc/message.h"
#include "tests/unit/daemon/flow/shadow.h"

static void a_poll_is_of_its_requester_and_transaction(void **state)
{
	struct router router = router_of(0, "r1", "t1"), other = router_of(1, "r2", "t1");
	_cleanup_(freep) char *reason = NULL;
	struct hand hand;

	(void)state;
	world_open("", "");
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_CERT_ID);
	expect(enroll(&router, NULL), PENDING, -1);
	expect(poll_as(&router, &router.self), PENDING, -1);
	expect(poll_as(&other, &other.self), FAILURE, SCEP_BAD_CERT_ID);
	router.transaction = "t2";
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_CERT_ID);
	router.transaction = "t1";
	hand = by_hand();
	assert_int_equal(flow_reject_request(&hand, newest(), &reason), 0);
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_REQUEST);
	expect(enroll(&router, NULL), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	expect(poll_as(&router, &router.self), SUCCESS, -1);
	expect(poll_as(&other, &other.self), FAILURE, SCEP_BAD_CERT_ID);
	router_done(&other);
	router_done(&router);
	world_close();
}

/* Past RequestLifetime= there is nothing left to poll for. */
static void a_poll_that_comes_too_late(void **state)
{
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("", "RequestLifetime=2h");
	expect(enroll(&router, NULL), PENDING, -1);
	world.now_s += 2 * HOUR - 1;
	expect(poll_as(&router, &router.self), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	world.now_s += 2 * HOUR - 1;
	expect(poll_as(&router, &router.self), SUCCESS, -1);
	world.now_s++;
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_CERT_ID);
	router_done(&router);
	world_close();
}

static struct heard look_up(struct router *router, const char *type, const X509 *named)
{
	_cleanup_(bytes_done) struct bytes name = issuer_and_serial_new(named);

	return say(router, &router->self, type, span_of(name));
}

static void certificates_and_crls(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes der = {}, got = {};
	struct heard crl;
	X509 *mine;

	(void)state;
	world_open("", "Grant=auto");
	der = expect_certificate(enroll(&router, NULL));
	mine = certificate_of(span_of(der));
	got = expect_certificate(look_up(&router, "21", mine));
	assert_same(span_of(got), span_of(der));
	expect(look_up(&router, "21", world.certificate), SUCCESS, -1);
	expect(look_up(&router, "21", router.self.certificate), FAILURE, SCEP_BAD_CERT_ID);
	expect(look_up(&router, "22", mine), FAILURE, SCEP_BAD_CERT_ID);
	assert_int_equal(flow_sign_crl(world.flow, world.authority, "test", world.now_s), 0);
	crl = look_up(&router, "22", mine);
	assert_int_equal(crl.n_crls, 1);
	expect(crl, SUCCESS, -1);
	expect(look_up(&router, "22", router.self.certificate), FAILURE, SCEP_BAD_CERT_ID);
	X509_free(mine);
	router_done(&router);
	world_close();
}

/* A key that only signs can be told something, but nothing can be enveloped to it. */
static void what_cannot_be_enveloped_is_refused(void **state)
{
	struct certificate_plan plan = {
		.subject = "r1",
		.issuer = "r1",
		.key = keys[0],
		.issuer_key = keys[0],
		.version = 2,
		.serial = "05",
		.key_usage = "critical,digitalSignature",
	};
	struct party signs = {keys[0], certificate_new(&plan)};
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], "r1", NULL);
	_cleanup_(bytes_done) struct bytes name = {};

	(void)state;
	world_open("", "Grant=auto");
	expect(say(&router, &signs, "19", span_of(csr)), FAILURE, SCEP_BAD_REQUEST);
	name = issuer_and_serial_new(world.certificate);
	expect(say(&router, &signs, "21", span_of(name)), FAILURE, SCEP_BAD_REQUEST);
	expect(say(&router, &router.self, "21", span_of(name)), SUCCESS, -1);
	expect(say(&router, &router.self, "19", span_of(csr)), SUCCESS, -1);
	expect(poll_as(&router, &signs), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(audited("certificate.issue"), 1);
	X509_free(signs.certificate);
	router_done(&router);
	world_close();
}

static struct heard crl_of(struct router *router, struct span certificate)
{
	X509 *named = certificate_of(certificate);
	struct heard heard = look_up(router, "22", named);

	X509_free(named);
	assert_int_equal(heard.status, SUCCESS);
	assert_int_equal(heard.n_crls, 1);
	return heard;
}

/* After an emergency: who holds a certificate of the old CA can verify no CRL but its. */
static void the_crl_is_the_one_of_the_certificate_that_is_named(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes old = {}, fresh = {};

	(void)state;
	world_open("", "Grant=auto");
	old = expect_certificate(enroll(&router, NULL));
	assert_int_equal(flow_sign_crl(world.flow, world.authority, "test", world.now_s), 0);
	assert_true(crl_of(&router, span_of(old)).crl_of_first);
	world.now_s += HOUR;
	shadow_make_for(world.now_s);
	world.recipient = shadow.certificate;
	assert_int_equal(flow_sign_crl(world.flow, world.authority, "test", world.now_s), 0);
	reload_generations();
	router.transaction = "t2";
	fresh = expect_certificate(enroll(&router, NULL));
	assert_true(crl_of(&router, span_of(old)).crl_of_first);
	assert_false(crl_of(&router, span_of(fresh)).crl_of_first);
	world.recipient = NULL;
	shadow_done();
	router_done(&router);
	world_close();
}

/* Entries of 35 bytes each. */
static void sign_long_crl(size_t n)
{
	struct store_revocation *items = calloc(n, sizeof(*items));
	uint8_t(*serials)[16] = calloc(n, sizeof(*serials));
	struct store_revocations revocations = {items, n};
	struct store_change change = {
		.server = "CA", .now_s = world.now_s, .revocations = &revocations};

	assert_non_null(items);
	assert_non_null(serials);
	for (size_t i = 0; i < n; i++) {
		serials[i][0] = 1;
		memcpy(serials[i] + 1, &i, sizeof(i));
		items[i] = (struct store_revocation){SPAN_ARRAY(serials[i]), world.now_s, 0};
	}
	assert_int_equal(store_commit(world.flow->store, &change), 0);
	assert_int_equal(flow_sign_crl(world.flow, world.authority, "test", world.now_s), 0);
	free(serials);
	free(items);
}

/* What no packet to the front end can hold is not put into one. */
static void a_crl_that_is_too_large_for_a_message(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes der = {};
	X509 *mine;

	(void)state;
	assert_int_equal(ipc_size_most(IPC_SCEP_REPLY), IPC_HEADER_SIZE + 8 + SCEP_ANSWER_MOST);
	world_open("", "Grant=auto");
	der = expect_certificate(enroll(&router, NULL));
	mine = certificate_of(span_of(der));
	sign_long_crl(13000);
	expect(look_up(&router, "22", mine), SUCCESS, -1);
	sign_long_crl(13200);
	expect(look_up(&router, "22", mine), FAILURE, SCEP_BAD_REQUEST);
	X509_free(mine);
	router_done(&router);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_poll_is_of_its_requester_and_transaction),
		cmocka_unit_test(a_poll_that_comes_too_late),
		cmocka_unit_test(certificates_and_crls),
		cmocka_unit_test(what_cannot_be_enveloped_is_refused),
		cmocka_unit_test(the_crl_is_the_one_of_the_certificate_that_is_named),
		cmocka_unit_test(a_crl_that_is_too_large_for_a_message),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
