/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a request, by its signed answer and by what the database says of it. */
#include "tests/unit/daemon/flow/world.h"

/* A CSR with one extension, by OpenSSL's words; @key signs for itself. */
static struct bytes csr_with(EVP_PKEY *key, const char *name, int nid, const char *value)
{
	X509_REQ *request = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	BIO *bio = BIO_new(BIO_s_mem());

	set_name(X509_REQ_get_subject_name(request), name);
	X509_REQ_set_pubkey(request, key);
	sk_X509_EXTENSION_push(extensions, X509V3_EXT_conf_nid(NULL, NULL, nid, value));
	assert_int_equal(X509_REQ_add_extensions(request, extensions), 1);
	assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
	i2d_X509_REQ_bio(bio, request);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
	return bytes_of_bio(bio);
}

static struct ca_request_record newest_record(void)
{
	struct ca_request_record record = {};

	assert_int_equal(store_request_load(world.flow->store, "CA", newest(), &record), 0);
	return record;
}

static void expect_refused(struct router *router, struct span csr, int info,
			   enum ca_request_state state)
{
	_cleanup_(ca_request_record_done) struct ca_request_record record = {};

	expect(say(router, &router->self, "19", csr), FAILURE, info);
	record = newest_record();
	assert_int_equal(record.state, state);
	assert_non_null(record.rule);
	assert_same(span_of(record.csr), csr);
}

static void keys_and_signatures(void **state)
{
	EVP_PKEY *curve = EVP_EC_gen("P-256"), *small = key_of(KEY_OF_CLIENT);
	struct router router = router_of(0, "r1", "t1");
	struct router weak = {party_new(small, "weak", "05"), "weak", "t2", 0, NULL};
	_cleanup_(bytes_done) struct bytes broken = csr_new(keys[0], "r1", NULL);
	_cleanup_(bytes_done) struct bytes of_other = csr_new(keys[1], "r1", NULL);
	_cleanup_(bytes_done) struct bytes of_curve = csr_new(curve, "r1", NULL);
	_cleanup_(bytes_done) struct bytes of_small = csr_new(small, "weak", NULL);

	(void)state;
	world_open("", "Grant=auto");
	broken.data[broken.size - 1] ^= 1;
	expect_refused(&router, span_of(broken), SCEP_BAD_REQUEST, CA_REQUEST_MALFORMED);
	expect_refused(&router, span_of(of_other), SCEP_BAD_REQUEST, CA_REQUEST_DENIED);
	expect_refused(&router, span_of(of_curve), SCEP_BAD_ALG, CA_REQUEST_DENIED);
	expect_refused(&weak, span_of(of_small), SCEP_BAD_REQUEST, CA_REQUEST_DENIED);
	assert_int_equal(audited("certificate.issue"), 0);
	world_restart("Grant=auto\nClients=legacy");
	expect(say(&weak, &weak.self, "19", span_of(of_small)), SUCCESS, -1);
	EVP_PKEY_free(curve);
	router_done(&weak);
	router_done(&router);
	world_close();
}

/* Else a client that knows it by name took its holder for what speaks for the CA. */
static void the_names_of_a_ca_are_nobody_elses(void **state)
{
	static const char *const names[] = {"RootCA", "RootCA exchange"};
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("", "Grant=auto");
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		_cleanup_(bytes_done) struct bytes csr = csr_new(keys[0], names[i], NULL);

		expect_refused(&router, span_of(csr), SCEP_BAD_REQUEST, CA_REQUEST_DENIED);
	}
	router_done(&router);
	world_close();
}

static void what_a_router_may_not_be(void **state)
{
	static const struct {
		int nid;
		const char *value;
	} rows[] = {
		{NID_key_usage, "critical,digitalSignature,keyCertSign"},
		{NID_key_usage, "cRLSign"},
		{NID_ext_key_usage, "OCSPSigning"},
		{NID_crl_distribution_points, "URI:http://x.example/c"},
		{NID_name_constraints, "critical,permitted;DNS:example"},
	};
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("", "Grant=auto");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		_cleanup_(bytes_done) struct bytes csr =
			csr_with(keys[0], "r1", rows[i].nid, rows[i].value);

		expect_refused(&router, span_of(csr), SCEP_BAD_REQUEST, CA_REQUEST_DENIED);
	}
	router_done(&router);
	world_close();
}

/* What the request database says the newest came to. */
static struct bytes newest_certificate(void)
{
	_cleanup_(ca_request_record_done) struct ca_request_record request = newest_record();
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record = {};

	assert_int_equal(store_certificate_load(world.flow->store, request.certificate_id, &record),
			 0);
	assert_int_equal(record.class, request.class);
	return (struct bytes)TAKE_STRUCT(record.certificate);
}

static void expect_ca(bool is_ca, int64_t path_length, int64_t lasts_s)
{
	_cleanup_(bytes_done) struct bytes der = newest_certificate();
	struct x509_certificate certificate;

	assert_int_equal(x509_certificate_read(span_of(der), &certificate), 0);
	assert_int_equal(certificate.extensions.ca, is_ca);
	assert_int_equal(certificate.extensions.path_length, path_length);
	assert_int_equal(certificate.extensions.key_usage, is_ca ? 0xa600 : 0xa000);
	assert_int_equal(certificate.not_before_s, world.now_s);
	/* A CA's is told by no chance. */
	if (is_ca)
		assert_int_equal(certificate.not_after_s - certificate.not_before_s, lasts_s);
}

/* Listed for a hand, whatever Grant= and a password say. */
static void an_ra_and_a_subordinate_wait(void **state)
{
	struct router router = router_of(0, "r1", "t1"), ra = router_of(0, "ioscs RA", "t2");
	_cleanup_(bytes_done) struct bytes ca =
		csr_with(keys[0], "r1", NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
	_cleanup_(bytes_done) struct bytes signs =
		csr_with(keys[0], "ioscs RA", NID_key_usage, "keyCertSign");
	char password[PASSWORD_TEXT_SIZE];

	(void)state;
	world_open("", "Grant=auto\nIssueSubordinates=yes\nCertificateLifetime=100d");
	password_new(NULL, password);
	expect(say(&router, &router.self, "19", span_of(ca)), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	expect_ca(true, 0, 100 * DAY);
	expect(enroll(&ra, password), PENDING, -1);
	assert_int_equal(outcome_of_grant(newest()), 0);
	expect_ca(false, -1, 0);
	expect(say(&ra, &ra.self, "19", span_of(signs)), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(audited("certificate.issue"), 2);
	router_done(&ra);
	router_done(&router);
	world_close();
}

/* Nobody waits for what no hand can give; and what waits is not given once the leave is gone. */
static void without_leave_no_subordinate(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	_cleanup_(bytes_done) struct bytes ca =
		csr_with(keys[0], "r1", NID_basic_constraints, "critical,CA:TRUE");

	(void)state;
	world_open("", "Grant=auto\nIssueSubordinates=yes");
	expect(say(&router, &router.self, "19", span_of(ca)), PENDING, -1);
	world_restart("Grant=auto");
	assert_int_equal(outcome_of_grant(newest()), FLOW_REFUSED);
	router.transaction = "t2";
	expect_refused(&router, span_of(ca), SCEP_BAD_REQUEST, CA_REQUEST_DENIED);
	assert_int_equal(audited("certificate.issue"), 0);
	router_done(&router);
	world_close();
}

/* A small key is no better for asking much. */
static void a_weak_subordinate_is_refused(void **state)
{
	EVP_PKEY *small = key_of(KEY_OF_CLIENT);
	struct router weak = {party_new(small, "weak", "05"), "weak", "t1", 0, NULL};
	_cleanup_(bytes_done) struct bytes ca =
		csr_with(small, "weak", NID_basic_constraints, "critical,CA:TRUE");

	(void)state;
	world_open("", "Grant=auto\nIssueSubordinates=yes");
	expect_refused(&weak, span_of(ca), SCEP_BAD_REQUEST, CA_REQUEST_DENIED);
	router_done(&weak);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_signatures),
		cmocka_unit_test(the_names_of_a_ca_are_nobody_elses),
		cmocka_unit_test(what_a_router_may_not_be),
		cmocka_unit_test(an_ra_and_a_subordinate_wait),
		cmocka_unit_test(without_leave_no_subordinate),
		cmocka_unit_test(a_weak_subordinate_is_refused),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
