/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/trustpoint/trustpoint.h"
#include "daemon/flow/validate/crl.h"
#include "daemon/flow/validate/validate.h"
#include "daemon/store/peer-crls.h"
#include "tests/unit/daemon/flow/world.h"

static int open_world(void **state)
{
	(void)state;
	world_open("",
		   "Grant=auto\n[Trustpoint A]\nEnrollmentURL=terminal\nToken=soft\n"
		   "[Trustpoint Q]\nEnrollmentURL=http://127.0.0.1:1/\nToken=soft\n"
		   "QueryURL=ldap://127.0.0.1:1/cn=q\n"
		   "[Trustpoint B]\nEnrollmentURL=terminal\nToken=soft\nRevocationCheck=none\n");
	assert_int_equal(flow_sign_crl(world.flow, world.authority, "test", world.now_s), 0);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close();
	return 0;
}

static struct validation validate(const char *trustpoint, struct bytes certificate, int outcome)
{
	const struct span certificates[] = {span_of(certificate)};
	const struct validate_question question = {.trustpoint = trustpoint,
						   .certificates = certificates,
						   .n = 1,
						   .now_s = world.now_s};
	struct validation validation;

	assert_int_equal(flow_validate(world.flow, &question, &validation), outcome);
	return validation;
}

static void look(const char *trustpoint, struct bytes certificate, const char *reason)
{
	_cleanup_(validation_done) struct validation validation =
		validate(trustpoint, certificate, 0);

	assert_int_equal(validation.good, !reason);
	if (reason && !strstr(validation.reason, reason))
		fail_msg("%s", validation.reason);
}

static struct bytes router_certificate(void)
{
	struct router router = router_of(0, "r1", "AAAA");
	struct heard heard = enroll(&router, NULL);
	struct bytes leaf = TAKE_STRUCT(heard.leaf);

	assert_int_equal(heard.status, 0);
	heard_done(&heard);
	router_done(&router);
	return leaf;
}

static void a_server_verifies_what_it_issued(void **state)
{
	_cleanup_(bytes_done) struct bytes leaf = router_certificate();
	_cleanup_(validation_done) struct validation validation = {};

	(void)state;
	world.now_s += HOUR;
	validation = validate(NULL, leaf, 0);
	assert_true(validation.good);
	assert_string_equal(validation.server, "CA");
	assert_int_equal(validation.path.n, 2);
	assert_int_equal(validation.steps[0].revocation, VALIDATION_NOT_REVOKED);
	/* nothing follows from a CRL that has ended */
	world.now_s += 200 * HOUR;
	look(NULL, leaf, "has ended");
}

static void whose_ca_is_unknown_is_told(void **state)
{
	_cleanup_(bytes_done) struct bytes leaf = router_certificate();
	_cleanup_(validation_done) struct validation none = validate("A", leaf, FLOW_REFUSED);
	_cleanup_(validation_done) struct validation unknown = validate("nosuch", leaf, -ENOENT);
	_cleanup_(validation_done) struct validation garbage =
		validate(NULL, (struct bytes){(uint8_t *)(uintptr_t) "garbage", 7}, FLOW_REFUSED);

	(void)state;
	assert_non_null(strstr(none.reason, "claviger trustpoint authenticate A"));
	assert_non_null(strstr(garbage.reason, "no certificate"));
}

static void trust(const char *name, struct bytes root)
{
	struct ca_anchor_record anchor = {.certificate = root,
					  .not_before_s = START,
					  .not_after_s = START + CA_LIFE,
					  .accepted_s = START,
					  .takes_over_s = START};
	struct store_trustpoint_change change = {.anchor = &anchor};
	_cleanup_(trustpoint_turn_done) struct trustpoint_turn turn = {};

	assert_int_equal(trustpoint_turn_begin(world.flow, name, world.now_s, &turn), 0);
	assert_int_equal(trustpoint_commit(&turn, &change, NULL), 0);
}

/* By a root of its own, with a place for its CRL (NULL: none). */
static struct bytes foreign(EVP_PKEY *signer, const char *place)
{
	struct certificate_plan plan = {.subject = "peer",
					.issuer = "Root",
					.key = keys[1],
					.issuer_key = signer,
					.version = 2,
					.serial = "07"};
	X509 *certificate = certificate_new(&plan);
	struct bytes der;

	if (place)
		add_extension(certificate, NID_crl_distribution_points, place);
	assert_true(X509_sign(certificate, signer, EVP_sha256()) > 0);
	der = bytes_of_certificate(certificate);
	X509_free(certificate);
	return der;
}

/* Nobody answers here: what is looked for was kept, or can't be had. */
static void what_can_not_be_found_out_is_refused(void **state)
{
	struct party root = authority_new(keys[0], "Root");
	_cleanup_(bytes_done) struct bytes anchor = bytes_of_certificate(root.certificate);
	_cleanup_(bytes_done) struct bytes peer = foreign(keys[0], "URI:http://127.0.0.1:1/crl");
	_cleanup_(bytes_done) struct bytes file = foreign(keys[0], "URI:file:///etc/passwd");
	_cleanup_(bytes_done) struct bytes forged = foreign(keys[1], "URI:http://127.0.0.1:1/crl");
	_cleanup_(bytes_done) struct bytes placeless = foreign(keys[0], NULL);

	(void)state;
	trust("A", anchor);
	look("A", peer, "can't be found out: http://127.0.0.1:1/crl");
	look("A", file, "no URL that a CRL is fetched from");
	look("A", forged, "signature");
	look("A", placeless, "can't be found out: it names no place");
	/* where two know a CA, the one that checks has the word, unless the other is named */
	trust("B", anchor);
	look(NULL, peer, "can't be found out");
	look("B", peer, NULL);
	EVP_PKEY_up_ref(keys[0]);
	party_done(&root);
}

static void add_entry(X509_CRL *crl, long serial, ASN1_TIME *time)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();

	ASN1_INTEGER_set(number, serial);
	X509_REVOKED_set_serialNumber(entry, number);
	X509_REVOKED_set_revocationDate(entry, time);
	X509_CRL_add0_revoked(crl, entry);
	ASN1_INTEGER_free(number);
}

/* Lists the serial numbers from @first up to the one before @end. */
static struct bytes crl_of(EVP_PKEY *signer, long first, long end)
{
	X509_CRL *crl = X509_CRL_new();
	X509_NAME *name = X509_NAME_new();
	ASN1_TIME *time = ASN1_TIME_set(NULL, START);
	struct bytes der = {};
	int size;

	set_name(name, "Root");
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, name);
	X509_CRL_set1_lastUpdate(crl, time);
	for (long serial = first; serial < end; serial++)
		add_entry(crl, serial, time);
	ASN1_TIME_set(time, START + 10 * DAY);
	X509_CRL_set1_nextUpdate(crl, time);
	size = X509_CRL_sign(crl, signer, EVP_sha256()) > 0 ? i2d_X509_CRL(crl, &der.data) : 0;
	assert_true(size > 0);
	der.size = (size_t)size;
	ASN1_TIME_free(time);
	X509_NAME_free(name);
	X509_CRL_free(crl);
	return der;
}

static void keep_of(const char *source, struct bytes anchor, struct bytes crl)
{
	uint8_t issuer[SHA256_SIZE];
	struct store_peer_crl one = {.source = source,
				     .issuer = SPAN_ARRAY(issuer),
				     .next_update_s = START + 10 * DAY,
				     .der = span_of(crl)};

	sha256(span_of(anchor), issuer);
	assert_int_equal(store_peer_crl_save(world.flow->store, &one, world.now_s), 0);
}

static void keep(struct bytes anchor, struct bytes crl)
{
	keep_of("http://127.0.0.1:1/crl", anchor, crl);
}

static void what_was_kept_is_believed_where_it_verifies(void **state)
{
	struct party root = authority_new(keys[0], "Root");
	_cleanup_(bytes_done) struct bytes anchor = bytes_of_certificate(root.certificate);
	_cleanup_(bytes_done) struct bytes peer = foreign(keys[0], "URI:http://127.0.0.1:1/crl");
	_cleanup_(bytes_done) struct bytes clean = crl_of(keys[0], 8, 9);
	_cleanup_(bytes_done) struct bytes revoking = crl_of(keys[0], 7, 8);
	_cleanup_(bytes_done) struct bytes false_one = crl_of(keys[1], 8, 9);

	(void)state;
	trust("A", anchor);
	keep(anchor, clean);
	look("A", peer, NULL);
	keep(anchor, revoking);
	look("A", peer, "revoked");
	keep(anchor, false_one);
	look("A", peer, "can't be found out");
	keep(anchor, clean);
	world.now_s = START + 10 * DAY;
	look("A", peer, "can't be found out");
	EVP_PKEY_up_ref(keys[0]);
	party_done(&root);
}

/* Every one of them is told of, in the order in which they are asked; what a later one gave serves
 * while the first is down. */
static void what_one_source_lacks_the_next_has(void **state)
{
	struct party root = authority_new(keys[0], "Root");
	_cleanup_(bytes_done) struct bytes anchor = bytes_of_certificate(root.certificate);
	_cleanup_(bytes_done) struct bytes peer = foreign(keys[0], "URI:http://127.0.0.1:1/crl");
	_cleanup_(bytes_done) struct bytes clean = crl_of(keys[0], 8, 9);
	_cleanup_(bytes_done) struct bytes revoking = crl_of(keys[0], 7, 8);
	_cleanup_(validation_done) struct validation none = {}, found = {};
	const char *place, *query, *ca;

	(void)state;
	trust("Q", anchor);
	none = validate("Q", peer, 0);
	place = strstr(none.reason, "http://127.0.0.1:1/crl");
	query = strstr(none.reason, "; ldap://127.0.0.1:1/cn=q");
	ca = strstr(none.reason, "; GetCRL of trustpoint Q");
	if (!place || !query || !ca || place > query || query > ca)
		fail_msg("%s", none.reason);
	keep_of("ldap://127.0.0.1:1/cn=q", anchor, clean);
	found = validate("Q", peer, 0);
	assert_true(found.good);
	assert_string_equal(found.steps[0].crl_from, "ldap://127.0.0.1:1/cn=q");
	keep_of("GetCRL of trustpoint Q", anchor, revoking);
	look("Q", peer, NULL);
	keep(anchor, revoking);
	look("Q", peer, "revoked");
	EVP_PKEY_up_ref(keys[0]);
	party_done(&root);
}

/* OpenSSL must not be given megabytes of anybody's. */
static void a_large_one_is_its_issuers(void **state)
{
	struct party root = authority_new(keys[0], "Root");
	_cleanup_(bytes_done) struct bytes anchor = bytes_of_certificate(root.certificate);
	_cleanup_(bytes_done) struct bytes peer = foreign(keys[0], "URI:http://127.0.0.1:1/crl");
	_cleanup_(bytes_done) struct bytes large = crl_of(keys[0], 100000, 165000);
	_cleanup_(bytes_done) struct bytes false_one = crl_of(keys[1], 100000, 165000);
	struct x509_path path = {.n = 2};
	const struct domain_anchor by = {.certificate = span_of(anchor)};
	struct crl_search search = {
		.flow = world.flow, .anchor = &by, .path = &path, .now_s = world.now_s};
	const char *fault;

	(void)state;
	path.items[0].whole = peer;
	path.items[1].whole = anchor;
	assert_true(large.size > 1024 * 1024);
	assert_int_equal(crl_search_judge(&search, span_of(large), &fault), 0);
	assert_int_equal(crl_search_judge(&search, span_of(false_one), &fault), CRL_SEARCH_NONE);
	assert_non_null(strstr(fault, "large"));
	EVP_PKEY_up_ref(keys[0]);
	party_done(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_server_verifies_what_it_issued, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(whose_ca_is_unknown_is_told, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(what_can_not_be_found_out_is_refused, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(what_one_source_lacks_the_next_has, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(a_large_one_is_its_issuers, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(what_was_kept_is_believed_where_it_verifies,
						open_world, close_world),
	};
	return cmocka_run_group_tests(tests, world_begin, world_end);
}
