/* SPDX-License-Identifier: Apache-2.0 */
/* Renewals: whom the old certificate speaks for, and whom it does not. */
#include "tests/unit/daemon/flow/world.h"

/* Router @router with the certificate that it got. */
static struct party enrolled(struct router *router)
{
	_cleanup_(bytes_done) struct bytes der = expect_certificate(enroll(router, NULL));

	EVP_PKEY_up_ref(router->self.key);
	return (struct party){router->self.key, certificate_of(span_of(der))};
}

static struct bytes der_of(const struct party *party)
{
	return bytes_of_certificate(party->certificate);
}

/* Its notAfter, which chance has brought forward. */
static int64_t end_of(const struct party *party)
{
	_cleanup_(bytes_done) struct bytes der = der_of(party);
	struct x509_certificate certificate;

	assert_int_equal(x509_certificate_read(span_of(der), &certificate), 0);
	return certificate.not_after_s;
}

/* A CSR for @key and @name, signed for by @signer. */
static struct heard renew(struct router *router, const struct party *signer, EVP_PKEY *key,
			  const char *name)
{
	_cleanup_(bytes_done) struct bytes csr = csr_new(key, name, NULL);

	return say(router, signer, "19", span_of(csr));
}

/* Another certificate under the number of one that we gave: the CA's key was used beside us. */
static X509 *forged(X509 *genuine, EVP_PKEY *key)
{
	EVP_PKEY *ours = key_of(KEY_OF_AUTHORITY);
	X509 *certificate = X509_dup(genuine);

	X509_set_pubkey(certificate, key);
	assert_true(X509_sign(certificate, ours, EVP_sha256()) > 0);
	EVP_PKEY_free(ours);
	return certificate;
}

static void what_the_database_does_not_know_is_a_stranger(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct party old, forger;

	(void)state;
	world_open("", "Grant=auto");
	old = enrolled(&router);
	world_restart("");
	EVP_PKEY_up_ref(keys[1]);
	forger = (struct party){keys[1], forged(old.certificate, keys[1])};
	expect(renew(&router, &forger, keys[1], "r1"), PENDING, -1);
	expect(renew(&router, &forger, keys[0], "r1"), FAILURE, SCEP_BAD_REQUEST);
	expect(renew(&router, &old, keys[1], "r1"), SUCCESS, -1);
	party_done(&forger);
	party_done(&old);
	router_done(&router);
	world_close();
}

/* With the same key and transactionID, and with a new key: both are new certificates, by the
 * signer and not by the message's type, whatever Grant= says. A lost answer is repeated. */
static void the_old_certificate_authorises(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct party old;
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[1], "r1", NULL);
	_cleanup_(bytes_done) struct bytes message = {}, first = {}, again = {};

	(void)state;
	world_open("", "Grant=auto");
	old = enrolled(&router);
	world_restart("Grant=none\nPasswordRequired=yes");
	expect(renew(&router, &old, keys[0], "r1"), SUCCESS, -1);
	message = message_of(&router, &old, "17", span_of(csr));
	first = expect_certificate(hear(&router, span_of(message), &old));
	again = expect_certificate(hear(&router, span_of(message), &old));
	assert_same(span_of(first), span_of(again));
	assert_int_equal(audited("certificate.issue"), 3);
	party_done(&old);
	router_done(&router);
	world_close();
}

static void it_waits_where_the_operator_wants_it(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct party old;

	(void)state;
	world_open("", "Grant=auto\nGrantRenewal=manual");
	old = enrolled(&router);
	expect(renew(&router, &old, keys[1], "r1"), PENDING, -1);
	expect(poll_as(&router, &old), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	expect(poll_as(&router, &old), SUCCESS, -1);
	party_done(&old);
	router_done(&router);
	world_close();
}

/* Then it is an ordinary first request: by Grant=, and only by the key that signed it. */
static void another_identity_or_an_old_one_is_a_first_request(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct party old;

	(void)state;
	world_open("", "Grant=auto\nCertificateLifetime=30d");
	old = enrolled(&router);
	expect(renew(&router, &old, keys[1], "r2"), FAILURE, SCEP_BAD_REQUEST);
	expect(renew(&router, &old, keys[0], "r2"), SUCCESS, -1);
	world_restart("CertificateLifetime=30d");
	expect(renew(&router, &old, keys[0], "r3"), PENDING, -1);
	world.now_s = end_of(&old);
	expect(renew(&router, &old, keys[1], "r1"), SUCCESS, -1);
	world.now_s++;
	expect(renew(&router, &old, keys[0], "r1"), PENDING, -1);
	expect(renew(&router, &old, keys[1], "r1"), FAILURE, SCEP_BAD_REQUEST);
	party_done(&old);
	router_done(&router);
	world_close();
}

/* Always, and it is an alarm: not even what was answered before is repeated, nothing waits on. */
static void a_revoked_signer_gets_nothing(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct party old;
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[1], "r1", NULL);
	_cleanup_(bytes_done) struct bytes message = {}, broken = csr_new(keys[1], "r1", "x");
	_cleanup_(bytes_done) struct bytes der = {};

	(void)state;
	world_open("", "Grant=auto");
	old = enrolled(&router);
	der = der_of(&old);
	message = message_of(&router, &old, "19", span_of(csr));
	expect(hear(&router, span_of(message), &old), SUCCESS, -1);
	revoke_certificate(span_of(der), 0);
	expect(hear(&router, span_of(message), &old), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(audited("revoked-signer"), 1);
	expect(poll_as(&router, &old), FAILURE, SCEP_BAD_REQUEST);
	broken.data[broken.size - 1] ^= 1;
	expect(say(&router, &old, "19", span_of(broken)), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(audited("revoked-signer"), 2);
	assert_int_equal(audited("certificate.issue"), 2);
	party_done(&old);
	router_done(&router);
	world_close();
}

/* One that waits when its signer is revoked is no more granted by hand, and denied at its return.
 */
static void revoked_while_it_waits(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct party old;
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[1], "r1", NULL), der = {};
	int64_t waiting;

	(void)state;
	world_open("", "Grant=auto\nGrantRenewal=manual");
	old = enrolled(&router);
	der = der_of(&old);
	expect(say(&router, &old, "19", span_of(csr)), PENDING, -1);
	waiting = newest();
	revoke_certificate(span_of(der), 4);
	assert_int_equal(outcome_of_grant(waiting), FLOW_REFUSED);
	assert_int_equal(state_of(waiting), CA_REQUEST_PENDING);
	expect(say(&router, &old, "19", span_of(csr)), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(state_of(waiting), CA_REQUEST_DENIED);
	party_done(&old);
	router_done(&router);
	world_close();
}

/* By nobody, for nobody; neither by hand. */
static void a_compromised_key_is_never_certified_again(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes der = {};
	char password[PASSWORD_TEXT_SIZE];

	(void)state;
	world_open("", "Grant=auto");
	der = expect_certificate(enroll(&router, NULL));
	world_restart("");
	router.transaction = "t2";
	router.name = "r2";
	expect(enroll(&router, NULL), PENDING, -1);
	revoke_certificate(span_of(der), 1);
	assert_int_equal(outcome_of_grant(newest()), FLOW_REFUSED);
	router.transaction = "t3";
	password_new(NULL, password);
	expect(enroll(&router, password), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(audited("compromised-key"), 1);
	assert_int_equal(audited("certificate.issue"), 1);
	router_done(&router);
	world_close();
}

/* UniqueKeys=: of two subjects, but not of one that is spelt otherwise at its renewal. */
static void a_key_of_two_subjects(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	struct party old;

	(void)state;
	world_open("", "Grant=auto");
	old = enrolled(&router);
	router.transaction = "t2";
	router.name = "r2";
	expect(enroll(&router, NULL), SUCCESS, -1);
	assert_int_equal(audited("shared-key"), 1);
	world_restart("Grant=auto\nUniqueKeys=yes");
	router.transaction = "t3";
	router.name = "r3";
	expect(enroll(&router, NULL), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(audited("shared-key"), 2);
	expect(renew(&router, &old, keys[0], "R1"), SUCCESS, -1);
	assert_int_equal(audited("shared-key"), 2);
	party_done(&old);
	router_done(&router);
	world_close();
}

/* A router's request in an RA's message, with a challenge that is the RA's to know: it is issued by
 * the RA's word, and counts as nobody's guess. */
static void an_ra_speaks_for_others(void **state)
{
	struct router ra = router_of(0, "ioscs RA", "t1"), router = router_of(1, "r1", "t2");
	struct party let_in;
	char password[PASSWORD_TEXT_SIZE];

	(void)state;
	world_open("", "Grant=ra-auto");
	password_new(NULL, password);
	expect(enroll(&ra, NULL), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	let_in = enrolled(&ra);
	for (unsigned i = 0; i < 50; i++) {
		_cleanup_(bytes_done) struct bytes csr = csr_new(keys[1], "r1", "cisco");
		char transaction[16];

		snprintf(transaction, sizeof(transaction), "f%u", i);
		ra.transaction = transaction;
		expect(say(&ra, &let_in, "19", span_of(csr)), SUCCESS, -1);
	}
	assert_int_equal(audited("guessing"), 0);
	expect(enroll(&router, password), SUCCESS, -1);
	party_done(&let_in);
	router_done(&router);
	router_done(&ra);
	world_close();
}

static void who_is_no_ra_any_more_speaks_for_nobody(void **state)
{
	struct router ra = router_of(0, "ioscs RA", "t1");
	struct party let_in;
	_cleanup_(bytes_done) struct bytes csr = csr_new(keys[1], "r1", NULL), der = {};

	(void)state;
	world_open("", "Grant=ra-auto");
	expect(enroll(&ra, NULL), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	let_in = enrolled(&ra);
	der = der_of(&let_in);
	ra.transaction = "t2";
	world.now_s = end_of(&let_in) + 1;
	expect(say(&ra, &let_in, "19", span_of(csr)), FAILURE, SCEP_BAD_REQUEST);
	world.now_s = end_of(&let_in);
	expect(say(&ra, &let_in, "19", span_of(csr)), SUCCESS, -1);
	revoke_certificate(span_of(der), 0);
	ra.transaction = "t3";
	expect(say(&ra, &let_in, "19", span_of(csr)), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(audited("revoked-signer"), 1);
	party_done(&let_in);
	router_done(&ra);
	world_close();
}

/* A CSR whose subject has the common name of another's, and nothing else of it. */
static struct bytes csr_of_common_name(EVP_PKEY *key, const char *name)
{
	X509_REQ *request = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_UTF8,
				   (const uint8_t *)name, -1, -1, 0);
	X509_REQ_set_pubkey(request, key);
	assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
	i2d_X509_REQ_bio(bio, request);
	X509_REQ_free(request);
	return bytes_of_bio(bio);
}

/* A router's name may be spelt anew; an RA was let in by the one that it has. */
static void an_ra_renews_under_its_whole_name(void **state)
{
	struct router ra = router_of(0, "ioscs RA", "t1"), router = router_of(1, "r1", "t2");
	struct party let_in, old;
	_cleanup_(bytes_done) struct bytes of_ra = csr_of_common_name(keys[0], "ioscs RA"),
					   of_router = csr_of_common_name(keys[1], "r1");

	(void)state;
	world_open("", "Grant=auto\nGrantRollover=ra-cert");
	expect(enroll(&ra, NULL), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	let_in = enrolled(&ra);
	old = enrolled(&router);
	world_restart("Grant=manual\nGrantRollover=ra-cert");
	expect(renew(&ra, &let_in, keys[0], "ioscs RA"), SUCCESS, -1);
	expect(say(&ra, &let_in, "19", span_of(of_ra)), PENDING, -1);
	expect(say(&router, &old, "19", span_of(of_router)), SUCCESS, -1);
	party_done(&old);
	party_done(&let_in);
	router_done(&router);
	router_done(&ra);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_database_does_not_know_is_a_stranger),
		cmocka_unit_test(the_old_certificate_authorises),
		cmocka_unit_test(it_waits_where_the_operator_wants_it),
		cmocka_unit_test(another_identity_or_an_old_one_is_a_first_request),
		cmocka_unit_test(a_revoked_signer_gets_nothing),
		cmocka_unit_test(revoked_while_it_waits),
		cmocka_unit_test(a_compromised_key_is_never_certified_again),
		cmocka_unit_test(a_key_of_two_subjects),
		cmocka_unit_test(an_ra_speaks_for_others),
		cmocka_unit_test(who_is_no_ra_any_more_speaks_for_nobody),
		cmocka_unit_test(an_ra_renews_under_its_whole_name),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
