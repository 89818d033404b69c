/* SPDX-License-Identifier: Apache-2.0 */
/* What is said twice, otherwise, by others, and with one-time passwords. */
#include "tests/unit/daemon/flow/world.h"

/* The same bytes bring the same certificate; so does a new message with the same CSR, for a while.
 */
static void a_repetition_gets_the_same_certificate(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	_cleanup_(bytes_done) struct bytes message = {}, first = {}, again = {}, later = {};

	(void)state;
	world_open("", "Grant=auto");
	message = message_of(&router, &router.self, "19", span_of(csr));
	first = expect_certificate(hear(&router, span_of(message), &router.self));
	again = expect_certificate(hear(&router, span_of(message), &router.self));
	assert_same(span_of(first), span_of(again));
	bytes_done(&again);
	world_restart("Grant=auto");
	again = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	assert_same(span_of(first), span_of(again));
	bytes_done(&again);
	world.now_s += 168 * HOUR;
	again = expect_certificate(hear(&router, span_of(message), &router.self));
	assert_same(span_of(first), span_of(again));
	later = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	assert_false(span_equal(span_of(first), span_of(later)));
	assert_int_equal(audited("certificate.issue"), 2);
	router_done(&router);
	world_close();
}

/* The first message that got it and the newest one are known for as long as it lasts, also where an
 * operator granted it between two messages. */
static void what_was_answered_is_answered_alike(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	struct bytes messages[3] = {}, answer;
	_cleanup_(bytes_done) struct bytes first = {};

	(void)state;
	world_open("", "");
	for (size_t i = 0; i < ELEMENTS(messages); i++)
		messages[i] = message_of(&router, &router.self, "19", span_of(csr));
	expect(hear(&router, span_of(messages[0]), &router.self), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	first = expect_certificate(hear(&router, span_of(messages[1]), &router.self));
	world.now_s += 100 * HOUR;
	answer = expect_certificate(hear(&router, span_of(messages[2]), &router.self));
	bytes_done(&answer);
	world.now_s += 68 * HOUR; /* RequestLifetime= counts from the certificate, not from this */
	world_restart("");
	for (size_t i = 0; i < ELEMENTS(messages); i += 2) {
		answer = expect_certificate(hear(&router, span_of(messages[i]), &router.self));
		assert_same(span_of(answer), span_of(first));
		bytes_done(&answer);
	}
	expect(say(&router, &router.self, "19", span_of(csr)), PENDING, -1);
	assert_int_equal(audited("certificate.issue"), 1);
	for (size_t i = 0; i < ELEMENTS(messages); i++)
		bytes_done(&messages[i]);
	router_done(&router);
	world_close();
}

/* Another CSR, another transactionID, another requester: each is a request of its own. */
static void what_differs_is_new(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct router other = router_of(1, "r2", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);

	(void)state;
	world_open("", "Grant=auto");
	expect(say(&router, &router.self, "19", span_of(csr)), SUCCESS, -1);
	expect(enroll(&router, "another"), SUCCESS, -1);
	expect(enroll(&other, NULL), SUCCESS, -1);
	router.transaction = "t2";
	expect(say(&router, &router.self, "17", span_of(csr)), SUCCESS, -1);
	assert_int_equal(audited("certificate.issue"), 4);
	router_done(&other);
	router_done(&router);
	world_close();
}

static void what_waits_is_waited_for_and_superseded(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	int64_t first, second;

	(void)state;
	world_open("", "");
	expect(say(&router, &router.self, "19", span_of(csr)), PENDING, -1);
	first = newest();
	expect(say(&router, &router.self, "19", span_of(csr)), PENDING, -1);
	assert_int_equal(newest(), first);
	expect(enroll(&router, "another"), PENDING, -1);
	second = newest();
	assert_true(second > first);
	assert_int_equal(state_of(first), CA_REQUEST_DENIED);
	assert_int_equal(outcome_of_grant(first), FLOW_REFUSED);
	assert_int_equal(outcome_of_grant(second), 0);
	expect(poll_as(&router, &router.self), SUCCESS, -1);
	router_done(&router);
	world_close();
}

/* A request that is wrong in itself takes the place of the one that waits, too. */
static void a_malformed_one_supersedes(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", "wrong");
	int64_t first;

	(void)state;
	world_open("", "");
	expect(enroll(&router, NULL), PENDING, -1);
	first = newest();
	csr.data[csr.size - 1] ^= 1;
	expect(say(&router, &router.self, "19", span_of(csr)), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(state_of(first), CA_REQUEST_DENIED);
	assert_int_equal(state_of(newest()), CA_REQUEST_MALFORMED);
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_REQUEST);
	router_done(&router);
	world_close();
}

/* Once; then it is an alarm, which the audit has beside the request. */
static void a_password_lets_one_in(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	char password[PASSWORD_TEXT_SIZE];

	(void)state;
	world_open("", "");
	expect(enroll(&router, "cisco"), PENDING, -1);
	router.transaction = "t2";
	password_new(NULL, password);
	expect(enroll(&router, password), SUCCESS, -1);
	assert_int_equal(audited("password-reuse"), 0);
	router.transaction = "t3";
	expect(enroll(&router, password), PENDING, -1);
	assert_int_equal(audited("password-reuse"), 1);
	router.transaction = "t4";
	password_new(NULL, password);
	world.now_s += HOUR;
	expect(enroll(&router, password), PENDING, -1);
	assert_int_equal(audited("password-reuse"), 1);
	router_done(&router);
	world_close();
}

static void a_password_for_a_subject_is_for_it_alone(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct router named = router_of(1, "r2", "t1");
	char password[PASSWORD_TEXT_SIZE];

	(void)state;
	world_open("", "Grant=none\nPasswordRequired=yes");
	password_new("CN=r2,O=Example", password);
	expect(enroll(&router, password), FAILURE, SCEP_BAD_REQUEST);
	expect(enroll(&named, password), SUCCESS, -1);
	named.transaction = "t2";
	expect(enroll(&named, password), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(audited("password-reuse"), 1);
	router_done(&named);
	router_done(&router);
	world_close();
}

static struct bytes spki_of(EVP_PKEY *key)
{
	uint8_t *der = NULL;
	int size = i2d_PUBKEY(key, &der);
	struct bytes spki = {};

	assert_true(size > 0);
	assert_int_equal(bytes_copy(SPAN(der, (size_t)size), &spki), 0);
	OPENSSL_free(der);
	return spki;
}

#define CROWD 16

struct visitor {
	pthread_t thread;
	struct router router;
	struct bytes message;
	struct heard heard;
};

/* As main does it: again, while another is at the same transaction. */
static void *visit(void *context)
{
	struct visitor *visitor = context;

	do
		visitor->heard =
			hear(&visitor->router, span_of(visitor->message), &visitor->router.self);
	while (visitor->heard.r == FLOW_LATER);
	return NULL;
}

/* All at once; then how many of them got this status. */
static unsigned visit_all(struct visitor *visitors, int status)
{
	unsigned n = 0;

	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]), 0);
	for (size_t i = 0; i < CROWD; i++) {
		pthread_join(visitors[i].thread, NULL);
		assert_int_equal(visitors[i].heard.r, 0);
		n += visitors[i].heard.status == status;
		heard_done(&visitors[i].heard);
	}
	return n;
}

/* Of many that bring one password at the same time exactly one gets in; and the one that is said by
 * many at the same time is one request. */
static void a_crowd(void **state)
{
	struct visitor visitors[CROWD] = {};
	char password[PASSWORD_TEXT_SIZE], transactions[CROWD][2];
	_cleanup_(bytes_done) struct bytes csr = {};

	(void)state;
	world_open("", "");
	password_new(NULL, password);
	csr = csr_new(keys[0], "r1", password);
	for (size_t i = 0; i < CROWD; i++) {
		transactions[i][0] = (char)('a' + i);
		transactions[i][1] = 0;
		visitors[i].router = router_of(0, "r1", transactions[i]);
		visitors[i].message = message_of(&visitors[i].router, &visitors[i].router.self,
						 "19", span_of(csr));
	}
	assert_int_equal(visit_all(visitors, SUCCESS), 1);
	assert_int_equal(audited("certificate.issue"), 1);
	assert_int_equal(audited("password-reuse"), CROWD - 1);
	for (size_t i = 0; i < CROWD; i++) {
		bytes_done(&visitors[i].message);
		visitors[i].router.transaction = "one";
		visitors[i].message = message_of(&visitors[i].router, &visitors[i].router.self,
						 "19", span_of(csr));
	}
	assert_int_equal(visit_all(visitors, PENDING), CROWD);
	assert_int_equal(audited("request.pending"), CROWD);
	for (size_t i = 0; i < CROWD; i++) {
		bytes_done(&visitors[i].message);
		router_done(&visitors[i].router);
	}
	world_close();
}

/* One that is repeated while a worker has it gets no second worker to wait for the first. */
static void what_is_in_hand_is_for_later(void **state)
{
	struct router router = router_of(0, "r1", "t1"), other = router_of(0, "r1", "t2");
	_cleanup_(bytes_done) struct bytes spki = spki_of(router.self.key);
	uint8_t requester[SHA256_SIZE];
	pthread_mutex_t *claim;

	(void)state;
	world_open("", "Grant=auto");
	sha256(span_of(spki), requester);
	claim = claim_take_transaction(world.flow->claims, SPAN_LITERAL("t1"), requester);
	assert_int_equal(enroll(&router, NULL).r, FLOW_LATER);
	expect(enroll(&other, NULL), SUCCESS, -1);
	/* The token isn't even asked: what is no envelope of ours is found out afterwards. */
	X509_free(world.certificate);
	world.certificate = X509_dup(router.self.certificate);
	assert_int_equal(enroll(&router, NULL).r, FLOW_LATER);
	claim_releasep(&claim);
	expect(enroll(&router, NULL), FAILURE, SCEP_BAD_REQUEST);
	X509_free(world.certificate);
	world.certificate = certificate_of(
		span_of(world.authority->shared->generations->records[0].certificate));
	expect(enroll(&router, NULL), SUCCESS, -1);
	router_done(&other);
	router_done(&router);
	world_close();
}

/* Nothing of a request is lost or done by half while the token is away. */
static void without_the_token_it_is_later(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	_cleanup_(bytes_done) struct bytes message = {};
	struct key *away;

	(void)state;
	world_open("", "Grant=auto");
	message = message_of(&router, &router.self, "19", span_of(csr));
	assert_int_equal(key_new_token(world.flow->tokens[0], key_spki(world.key), &away), 0);
	use_key(away);
	assert_int_equal(hear(&router, span_of(message), &router.self).r, FLOW_LATER);
	world.authority->shared->generations->items[0].own.key = key_ref(world.key);
	key_unref(away);
	assert_int_equal(hear(&router, span_of(message), &router.self).r, FLOW_LATER);
	assert_int_equal(newest(), 0);
	use_key(world.key);
	expect(hear(&router, span_of(message), &router.self), SUCCESS, -1);
	key_unref(away);
	router_done(&router);
	world_close();
}

static void it_ends_with_the_ca(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes der = {};
	struct x509_certificate certificate;

	(void)state;
	world_open("", "Grant=auto");
	world.now_s = START + CA_LIFE - 10 * DAY;
	der = expect_certificate(enroll(&router, NULL));
	assert_int_equal(x509_certificate_read(span_of(der), &certificate), 0);
	assert_int_equal(certificate.not_before_s, world.now_s);
	assert_int_equal(certificate.not_after_s, START + CA_LIFE);
	router_done(&router);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repetition_gets_the_same_certificate),
		cmocka_unit_test(what_was_answered_is_answered_alike),
		cmocka_unit_test(what_differs_is_new),
		cmocka_unit_test(what_waits_is_waited_for_and_superseded),
		cmocka_unit_test(a_malformed_one_supersedes),
		cmocka_unit_test(a_password_lets_one_in),
		cmocka_unit_test(a_password_for_a_subject_is_for_it_alone),
		cmocka_unit_test(a_crowd),
		cmocka_unit_test(what_is_in_hand_is_for_later),
		cmocka_unit_test(without_the_token_it_is_later),
		cmocka_unit_test(it_ends_with_the_ca),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
