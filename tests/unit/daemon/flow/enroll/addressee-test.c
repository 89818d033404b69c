/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the CA that is to take over, to the one that did, and to the one before. */
#include "daemon/flow/enroll/add.h"
#include "daemon/flow/enroll/addressee.h"
#include "tests/unit/daemon/flow/shadow.h"

#define OVERLAP (30 * DAY)

/* A world with a shadow that is given out, a month before it takes over. */
static void open_with_shadow(const char *options)
{
	world_open("", options);
	world.now_s = TAKES_OVER - OVERLAP;
	shadow_make();
	shadow_offer();
}

static void close_with_shadow(void)
{
	world.recipient = NULL;
	shadow_done();
	world_close();
}

static void to_shadow(void)
{
	world.recipient = shadow.certificate;
}

static void to_first(void)
{
	world.recipient = NULL;
}

/* The router with this certificate. */
static struct party holder_of(struct router *router, struct span der)
{
	EVP_PKEY_up_ref(router->self.key);
	return (struct party){router->self.key, certificate_of(der)};
}

static struct party enrolled(struct router *router)
{
	_cleanup_(bytes_done) struct bytes der = expect_certificate(enroll(router, NULL));

	return holder_of(router, span_of(der));
}

static struct heard renew(struct router *router, const struct party *signer)
{
	_cleanup_(bytes_done) struct bytes csr = csr_new(router->self.key, router->name, NULL);

	return say(router, signer, "19", span_of(csr));
}

/* Whose key signed it, and from when on it is good. */
static void check_issued(struct span der, X509 *issuer, int64_t not_before_s)
{
	X509 *certificate = certificate_of(der);
	struct x509_certificate read;

	assert_int_equal(X509_verify(certificate, X509_get0_pubkey(issuer)), 1);
	assert_int_equal(X509_check_issued(issuer, certificate), X509_V_OK);
	assert_int_equal(x509_certificate_read(der, &read), 0);
	assert_int_equal(read.not_before_s, not_before_s);
	assert_true(read.not_after_s <= not_before_s + 365 * DAY);
	assert_true(read.not_after_s >= not_before_s + 364 * DAY);
	X509_free(certificate);
}

static struct ca_request_record request_of(int64_t id)
{
	struct ca_request_record record = {};

	assert_int_equal(store_request_load(world.flow->store, "CA", id, &record), 0);
	return record;
}

static unsigned count_listed(bool rollover)
{
	const struct store_request_section section = {
		.class = GRANT_CLASS_ROUTER, .rollover = rollover, .shadow = 2};
	const struct store_request_filter filter = {.section = &section};
	int64_t id = 0;

	assert_int_equal(store_request_list(world.flow->store, "CA", &filter, note_newest, &id), 0);
	return id != 0;
}

static void a_certificate_in_force_rolls_over(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct ca_request_record record;
	_cleanup_(bytes_done) struct bytes der = {};
	struct party old;
	struct heard heard;

	(void)state;
	world_open("", "Grant=auto");
	world.now_s = TAKES_OVER - OVERLAP;
	old = enrolled(&router);
	shadow_make();
	shadow_offer();
	assert_false(count_listed(true));
	to_shadow();
	heard = renew(&router, &old);
	assert_false(heard.by_another); /* the shadow's key signs no answer yet */
	der = expect_certificate(heard);
	check_issued(span_of(der), shadow.certificate, TAKES_OVER);
	record = request_of(newest());
	assert_int_equal(record.generation, 2);
	assert_true(record.renewal);
	assert_true(count_listed(true));
	ca_request_record_done(&record);
	party_done(&old);
	router_done(&router);
	close_with_shadow();
}

/* ROLL-13: the same key, subject and transactionID, to both: two transactions. */
static void a_rollover_is_another_transaction(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	_cleanup_(bytes_done) struct bytes now = {}, next = {}, again = {};

	(void)state;
	open_with_shadow("Grant=auto");
	now = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	to_shadow();
	next = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	assert_false(span_equal(span_of(now), span_of(next)));
	check_issued(span_of(next), shadow.certificate, TAKES_OVER);
	again = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	assert_same(span_of(next), span_of(again));
	bytes_done(&again);
	to_first();
	again = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	assert_same(span_of(now), span_of(again));
	router_done(&router);
	close_with_shadow();
}

static void an_operator_grants_for_the_shadow(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes der = {}, later = {};

	(void)state;
	open_with_shadow("");
	world.now_s = TAKES_OVER - HOUR;
	to_shadow();
	expect(enroll(&router, NULL), PENDING, -1);
	expect(poll_as(&router, &router.self), PENDING, -1);
	to_first();
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_CERT_ID);
	assert_int_equal(outcome_of_grant(newest()), 0);
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_CERT_ID);
	to_shadow();
	der = expect_certificate(poll_as(&router, &router.self));
	check_issued(span_of(der), shadow.certificate, TAKES_OVER);
	world.now_s = TAKES_OVER;
	later = expect_certificate(poll_as(&router, &router.self));
	assert_same(span_of(der), span_of(later));
	router_done(&router);
	close_with_shadow();
}

/* Whomever it was asked of, what waits at the change-over is the new one's and is found by it. */
static void what_waits_at_the_change_over(void **state)
{
	struct router first = router_of(0, "r1", "t1"), second = router_of(1, "r2", "t2");
	_cleanup_(bytes_done) struct bytes one = {}, two = {};
	int64_t ids[2];

	(void)state;
	open_with_shadow("");
	world.now_s = TAKES_OVER - HOUR;
	expect(enroll(&first, NULL), PENDING, -1);
	ids[0] = newest();
	to_shadow();
	expect(enroll(&second, NULL), PENDING, -1);
	ids[1] = newest();
	world.now_s = TAKES_OVER + HOUR;
	expect(poll_as(&first, &first.self), PENDING, -1);
	expect(poll_as(&second, &second.self), PENDING, -1);
	expect(enroll(&second, NULL), PENDING, -1);
	for (size_t i = 0; i < ELEMENTS(ids); i++)
		assert_int_equal(outcome_of_grant(ids[i]), 0);
	one = expect_certificate(poll_as(&first, &first.self));
	two = expect_certificate(poll_as(&second, &second.self));
	check_issued(span_of(one), shadow.certificate, world.now_s);
	check_issued(span_of(two), shadow.certificate, world.now_s);
	router_done(&first);
	router_done(&second);
	close_with_shadow();
}

static void nothing_is_asked_of_a_shadow_that_is_not_given_out(void **state)
{
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("", "Grant=auto");
	shadow_make();
	to_shadow();
	expect(enroll(&router, NULL), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(newest(), 0);
	shadow_offer();
	expect(enroll(&router, NULL), SUCCESS, -1);
	router_done(&router);
	close_with_shadow();
}

/* A certificate that is not in force yet speaks for nobody. */
static void a_shadow_certificate_renews_nothing_before_its_time(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct ca_request_record record;
	struct party ahead;

	(void)state;
	open_with_shadow("");
	to_shadow();
	expect(enroll(&router, NULL), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	{
		_cleanup_(bytes_done) struct bytes der =
			expect_certificate(poll_as(&router, &router.self));

		ahead = holder_of(&router, span_of(der));
	}
	to_first();
	expect(renew(&router, &ahead), PENDING, -1);
	record = request_of(newest());
	assert_false(record.renewal);
	ca_request_record_done(&record);
	world.now_s = TAKES_OVER;
	to_shadow();
	router.transaction = "t2";
	expect(renew(&router, &ahead), SUCCESS, -1);
	party_done(&ahead);
	router_done(&router);
	close_with_shadow();
}

/* Nothing is opened: who asks learns by the old key, which it trusts, what to do. */
static void the_old_key_refuses_what_comes_late(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct heard heard;

	(void)state;
	open_with_shadow("Grant=auto\nKeepRetired=1h");
	world.now_s = TAKES_OVER - 1;
	expect(enroll(&router, NULL), SUCCESS, -1);
	for (int64_t late_s = 0; late_s < 2 * HOUR; late_s += HOUR / 2) {
		world.now_s = TAKES_OVER + late_s;
		heard = enroll(&router, NULL);
		assert_int_equal(heard.by_another, late_s >= HOUR);
		expect(heard, FAILURE, SCEP_BAD_REQUEST);
		/* What it is told to fetch is there: the change-over was done for it. */
		use_both_keys();
		assert_int_equal(world.authority->shared->generations->records[1].changed_over_s,
				 TAKES_OVER);
		heard = poll_as(&router, &router.self);
		assert_int_equal(heard.by_another, late_s >= HOUR);
		expect(heard, FAILURE, SCEP_BAD_REQUEST);
	}
	assert_int_equal(audited("certificate.issue"), 1);
	to_shadow();
	heard = enroll(&router, NULL);
	assert_true(heard.by_another);
	expect(heard, SUCCESS, -1);
	router_done(&router);
	close_with_shadow();
}

/* Then the active one says that it is not for it. */
static void without_the_old_key_the_active_one_answers(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct generation *retired;
	struct key *away = NULL;
	struct heard heard;

	(void)state;
	open_with_shadow("Grant=auto");
	world.now_s = TAKES_OVER + 1;
	assert_int_equal(key_new_token(world.flow->tokens[0], key_spki(world.key), &away), 0);
	retired = &world.authority->shared->generations->items[0];
	key_unref(retired->own.key);
	retired->own.key = away;
	heard = enroll(&router, NULL);
	assert_true(heard.by_another);
	expect(heard, FAILURE, SCEP_BAD_REQUEST);
	/* On a token of its own that is lost it is not even asked. */
	use_both_keys();
	free(world.authority->shared->generations->records[0].token);
	world.authority->shared->generations->records[0].token = strdup("lost");
	retired = &world.authority->shared->generations->items[0];
	retired->own.token = retired->record->token;
	heard = enroll(&router, NULL);
	assert_true(heard.by_another);
	expect(heard, FAILURE, SCEP_BAD_REQUEST);
	router_done(&router);
	close_with_shadow();
}

/* After an emergency, while the certificate of the old one is in force still. */
static void the_old_certificate_is_not_given_again(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	_cleanup_(bytes_done) struct bytes der = {}, fresh = {};

	(void)state;
	world_open("", "Grant=auto");
	der = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	world.now_s += HOUR;
	shadow_make_for(world.now_s);
	to_shadow();
	expect(poll_as(&router, &router.self), FAILURE, SCEP_BAD_CERT_ID);
	fresh = expect_certificate(say(&router, &router.self, "19", span_of(csr)));
	check_issued(span_of(fresh), shadow.certificate, world.now_s);
	router_done(&router);
	close_with_shadow();
}

/* No client needs a second try at a key of ours. */
static void one_message_to_both_is_to_none(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	_cleanup_(bytes_done) struct bytes message = {};
	struct plan plan = {
		.signer = &router.self,
		.n_recipients = 2,
		.content = span_of(csr),
		.digest = EVP_sha256(),
		.cipher = EVP_aes_128_cbc(),
		.type = "19",
		.transaction_id = SPAN_LITERAL("t1"),
		.sender_nonce = SPAN_LITERAL("0123456789abcdef"),
	};

	(void)state;
	open_with_shadow("Grant=auto");
	plan.recipients[0] = world.certificate;
	plan.recipients[1] = shadow.certificate;
	message = request_new(&plan);
	expect(hear(&router, span_of(message), &router.self), FAILURE, SCEP_BAD_REQUEST);
	/* The one that was succeeded counts no more. */
	world.now_s = TAKES_OVER;
	expect(hear(&router, span_of(message), &router.self), SUCCESS, -1);
	router_done(&router);
	close_with_shadow();
}

/* The transaction that cancels denies them; one that got in between is not issued either. */
static void a_cancelled_rollover_issues_nothing(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct store_change change = {
		.server = "CA",
		.now_s = TAKES_OVER - OVERLAP,
		.generation_step = STORE_GENERATION_DESTROYED,
	};
	_cleanup_(freep) char *reason = NULL;
	struct hand hand;

	(void)state;
	open_with_shadow("");
	to_shadow();
	expect(enroll(&router, NULL), PENDING, -1);
	change.generation_id = shadow.id;
	assert_int_equal(store_commit(world.flow->store, &change), 0);
	reload_generations();
	hand = by_hand();
	assert_int_equal(flow_grant_request(&hand, newest(), &reason), FLOW_REFUSED);
	assert_non_null(strstr(reason, "cancelled"));
	assert_int_equal(state_of(newest()), CA_REQUEST_PENDING);
	expect(enroll(&router, NULL), FAILURE, SCEP_BAD_REQUEST);
	router_done(&router);
	close_with_shadow();
}

static int add_rollover(struct span csr, struct ca_request_record *ret, char **ret_reason)
{
	const struct added added = {.csr = csr, .is_rollover = true};
	struct hand hand = by_hand();

	return flow_add_request(&hand, &added, ret, ret_reason);
}

/* ROLL-27 */
static void a_rollover_request_by_hand(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes csr = csr_new(router.self.key, "r1", NULL);
	_cleanup_(ca_request_record_done) struct ca_request_record record = {};
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate = {};
	_cleanup_(freep) char *reason = NULL;

	(void)state;
	world_open("", "Grant=auto");
	assert_int_equal(add_rollover(span_of(csr), &record, &reason), FLOW_REFUSED);
	assert_non_null(strstr(reason, "no rollover certificate"));
	assert_int_equal(newest(), 0);
	world.now_s = TAKES_OVER - OVERLAP;
	shadow_make();
	shadow_offer();
	assert_int_equal(add_rollover(span_of(csr), &record, &reason), 0);
	assert_int_equal(record.generation, 2);
	assert_int_equal(
		store_certificate_load(world.flow->store, record.certificate_id, &certificate), 0);
	check_issued(span_of(certificate.certificate), shadow.certificate, TAKES_OVER);
	router_done(&router);
	close_with_shadow();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_in_force_rolls_over),
		cmocka_unit_test(a_rollover_is_another_transaction),
		cmocka_unit_test(an_operator_grants_for_the_shadow),
		cmocka_unit_test(what_waits_at_the_change_over),
		cmocka_unit_test(nothing_is_asked_of_a_shadow_that_is_not_given_out),
		cmocka_unit_test(a_shadow_certificate_renews_nothing_before_its_time),
		cmocka_unit_test(the_old_key_refuses_what_comes_late),
		cmocka_unit_test(without_the_old_key_the_active_one_answers),
		cmocka_unit_test(the_old_certificate_is_not_given_again),
		cmocka_unit_test(one_message_to_both_is_to_none),
		cmocka_unit_test(a_cancelled_rollover_issues_nothing),
		cmocka_unit_test(a_rollover_request_by_hand),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
