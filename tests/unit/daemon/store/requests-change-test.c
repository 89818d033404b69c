/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/store/fixture.h"
#include <pthread.h>

static void load(struct store *store, int64_t id, struct ca_request_record *ret)
{
	assert_int_equal(store_request_load(store, LABEL, id, ret), 0);
}

static void an_insert_holds_only_on_what_was_found(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record first = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record second = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record other = request_of("t", 2);
	_cleanup_(ca_request_record_done) struct ca_request_record found = {};

	assert_int_equal(commit_request(fixture->store, &first, 99), STORE_CHANGED);
	assert_int_equal(first.id, 0);
	assert_int_equal(first.revision, 0);
	assert_int_equal(commit_request(fixture->store, &first, 0), 0);
	assert_int_equal(commit_request(fixture->store, &second, 0), STORE_CHANGED);
	assert_int_equal(commit_request(fixture->store, &other, 0), 0);
	assert_int_equal(commit_request(fixture->store, &second, first.id), 0);
	assert_int_equal(find_request(fixture->store, LABEL, SPAN_LITERAL("t"),
				      SPAN_ARRAY(first.requester), &found),
			 0);
	assert_int_equal(found.id, second.id);
}

static void an_update_holds_only_on_what_was_read(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record record = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record stale = {};
	_cleanup_(ca_request_record_done) struct ca_request_record loaded = {};

	assert_int_equal(commit_request(fixture->store, &record, 0), 0);
	load(fixture->store, record.id, &stale);
	record.state = CA_REQUEST_DENIED;
	free(record.rule);
	free(record.reason);
	record.rule = strdup("operator");
	record.reason = strdup("no");
	record.updated_s = NOW + 9;
	record.expires_s = NOW + 10;
	assert_int_equal(commit_request(fixture->store, &record, 0), 0);
	assert_int_equal(record.revision, 2);
	stale.state = CA_REQUEST_AUTHORIZED;
	assert_int_equal(commit_request(fixture->store, &stale, 0), STORE_CHANGED);
	assert_int_equal(stale.revision, 1);

	load(fixture->store, record.id, &loaded);
	assert_int_equal(loaded.state, CA_REQUEST_DENIED);
	assert_int_equal(loaded.revision, 2);
	assert_string_equal(loaded.rule, "operator");
	assert_string_equal(loaded.reason, "no");
	assert_int_equal(loaded.updated_s, NOW + 9);
	assert_int_equal(loaded.expires_s, NOW + 10);
}

static void a_newer_request_denies_the_older(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record older = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record newer = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record late = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record loaded = {};
	struct store_change change = {.server = LABEL, .now_s = NOW + 3, .request = &newer};

	assert_int_equal(commit_request(fixture->store, &older, 0), 0);
	change.expected_newest = change.superseded = older.id;
	assert_int_equal(store_commit(fixture->store, &change), 0);
	load(fixture->store, older.id, &loaded);
	assert_int_equal(loaded.state, CA_REQUEST_DENIED);
	assert_string_equal(loaded.reason, "superseded by a newer request");
	assert_int_equal(loaded.updated_s, NOW + 3);
	assert_int_equal(loaded.revision, 2);

	/* An operator who looked at it before is told that it changed. */
	older.state = CA_REQUEST_AUTHORIZED;
	assert_int_equal(commit_request(fixture->store, &older, 0), STORE_CHANGED);

	/* It is decided now: nobody supersedes it once more. */
	change.request = &late;
	change.expected_newest = newer.id;
	assert_int_equal(store_commit(fixture->store, &change), STORE_CHANGED);
	assert_int_equal(late.id, 0);
	change.superseded = 12345;
	assert_int_equal(store_commit(fixture->store, &change), STORE_CHANGED);
}

static void a_certificate_comes_with_its_request(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record request = request_of("t", 1);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate =
		certificate_of(2);
	_cleanup_(ca_request_record_done) struct ca_request_record loaded = {};
	struct store_change change = {
		.server = LABEL, .now_s = NOW, .request = &request, .certificate = &certificate};

	request.state = CA_REQUEST_GRANTED;
	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_true(certificate.id > 0);
	assert_int_equal(certificate.request_id, request.id);
	assert_int_equal(request.certificate_id, certificate.id);
	load(fixture->store, request.id, &loaded);
	assert_int_equal(loaded.certificate_id, certificate.id);
}

/* The same for one that waited; and of a change that fails nothing stays. */
static void a_failed_issue_leaves_the_request_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record taken =
		certificate_of(2);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate =
		certificate_of(2);
	_cleanup_(ca_request_record_done) struct ca_request_record request = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record loaded = {};
	const struct store_audit event = {"certificate.issue", "scep", "{}"};
	struct store_change change = {.server = LABEL,
				      .now_s = NOW,
				      .request = &request,
				      .certificate = &certificate,
				      .audit = &event,
				      .n_audit = 1};
	int64_t good = -1;

	assert_int_equal(commit_certificate(fixture->store, &taken), 0);
	assert_int_equal(commit_request(fixture->store, &request, 0), 0);
	request.state = CA_REQUEST_GRANTED;
	assert_int_equal(store_commit(fixture->store, &change), STORE_EXISTS);
	assert_int_equal(certificate.id, 0);
	assert_int_equal(request.revision, 1);
	assert_int_equal(request.certificate_id, 0);
	load(fixture->store, request.id, &loaded);
	assert_int_equal(loaded.state, CA_REQUEST_PENDING);
	assert_int_equal(loaded.revision, 1);
	assert_int_equal(verify_audit(fixture->store, &good), 0);
	assert_int_equal(good, 0);

	certificate.counter = 3;
	certificate.serial.data[0] = 3;
	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(request.revision, 2);
}

static void one_request_never_gets_two_certificates(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record request = request_of("t", 1);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record first =
		certificate_of(2);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record second =
		certificate_of(3);
	struct store_change change = {
		.server = LABEL, .now_s = NOW, .request = &request, .certificate = &first};

	assert_int_equal(store_commit(fixture->store, &change), 0);
	change.certificate = &second;
	assert_int_equal(store_commit(fixture->store, &change), STORE_EXISTS);
	assert_int_equal(second.id, 0);
}

static void removing_gives_the_transaction_a_clean_slate(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record older = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record newer = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record other = request_of("t", 2);
	_cleanup_(ca_request_record_done) struct ca_request_record again = request_of("t", 1);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate =
		certificate_of(2);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record kept = {};
	struct ca_request_record none = {};
	struct store_change issue = {
		.server = LABEL, .now_s = NOW, .request = &older, .certificate = &certificate};
	struct store_change removal = {.server = LABEL, .now_s = NOW};

	assert_int_equal(store_commit(fixture->store, &issue), 0);
	assert_int_equal(commit_request(fixture->store, &newer, older.id), 0);
	assert_int_equal(commit_request(fixture->store, &other, 0), 0);
	removal.remove_request = newer.id;
	assert_int_equal(store_commit(fixture->store, &removal), 0);
	assert_int_equal(store_commit(fixture->store, &removal), STORE_CHANGED);
	assert_int_equal(find_request(fixture->store, LABEL, SPAN_LITERAL("t"),
				      SPAN_ARRAY(newer.requester), &none),
			 STORE_NOT_FOUND);
	load(fixture->store, other.id, &none);
	ca_request_record_done(&none);

	/* The certificate is not the CA's own now. */
	assert_int_equal(store_certificate_load(fixture->store, certificate.id, &kept), 0);
	assert_int_equal(kept.request_id, older.id);

	/* No id comes twice. */
	removal.remove_request = other.id;
	assert_int_equal(store_commit(fixture->store, &removal), 0);
	assert_int_equal(commit_request(fixture->store, &again, 0), 0);
	assert_true(again.id > other.id);
}

#define THREADS 32

struct rival {
	pthread_t thread;
	struct store *store;
	struct ca_request_record request;
	int result;
};

static void *insert_one(void *argument)
{
	struct rival *rival = argument;

	rival->result = commit_request(rival->store, &rival->request, 0);
	return NULL;
}

static void of_many_in_one_transaction_one_is_inserted(void **state)
{
	struct fixture *fixture = *state;
	struct rival rivals[THREADS] = {};
	unsigned won = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		rivals[i].store = fixture->store;
		rivals[i].request = request_of("t", 1);
		assert_int_equal(pthread_create(&rivals[i].thread, NULL, insert_one, &rivals[i]),
				 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(rivals[i].thread, NULL);
		assert_true(rivals[i].result == 0 || rivals[i].result == STORE_CHANGED);
		assert_int_equal(rivals[i].request.id != 0, rivals[i].result == 0);
		won += rivals[i].result == 0;
		ca_request_record_done(&rivals[i].request);
	}
	assert_int_equal(won, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_insert_holds_only_on_what_was_found,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(an_update_holds_only_on_what_was_read, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_newer_request_denies_the_older, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_certificate_comes_with_its_request, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_failed_issue_leaves_the_request_as_it_was,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(one_request_never_gets_two_certificates,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(removing_gives_the_transaction_a_clean_slate,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(of_many_in_one_transaction_one_is_inserted,
						fixture_make, fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
