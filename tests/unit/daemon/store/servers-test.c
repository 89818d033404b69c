/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/store/fixture.h"

static void a_server_begins_empty(void **state)
{
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	struct fixture *fixture = *state;

	assert_int_equal(store_server_load(fixture->store, LABEL, &record), 0);
	assert_string_equal(record.label, LABEL);
	assert_false(record.enabled);
	assert_int_equal(record.created_s, NOW);
	assert_int_equal(record.next_counter, 2); /* the CA's own certificate took 1 */
	assert_int_equal(record.last_counter, 0);
	assert_int_equal(record.crl_number, 0);
	assert_int_equal(record.crl_revision, 0);
	assert_int_equal(record.revocation_revision, 0);
}

static void labels_are_unique(void **state)
{
	struct fixture *fixture = *state;
	struct store_change again = {.now_s = NOW, .create_server = LABEL};
	struct ca_server_record record = {.created_s = 7};

	assert_int_equal(store_commit(fixture->store, &again), STORE_EXISTS);
	assert_int_equal(store_server_load(fixture->store, "other", &record), STORE_NOT_FOUND);
	assert_int_equal(record.created_s, 7);
	make_server(fixture->store, "other");
	assert_int_equal(store_server_load(fixture->store, "other", &record), 0);
	assert_int_equal(record.created_s, NOW);
	ca_server_record_done(&record);
}

/* What a restored server gave out elsewhere is told as its last, and never given out here. */
static void a_restored_server_counts_on(void **state)
{
	struct fixture *fixture = *state;
	struct store_change change = {.server = LABEL, .now_s = NOW, .last_counter = 41};
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	uint64_t first;

	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(store_server_load(fixture->store, LABEL, &record), 0);
	assert_int_equal(record.last_counter, 41);
	assert_int_equal(record.next_counter, 42);
	assert_int_equal(store_serials_reserve(fixture->store, LABEL, 1, &first), 0);
	assert_int_equal(first, 42);
}

static void the_operators_wish_is_kept(void **state)
{
	struct fixture *fixture = *state;
	static const bool wishes[] = {true, false, true};

	for (size_t i = 0; i < ELEMENTS(wishes); i++) {
		_cleanup_(ca_server_record_done) struct ca_server_record record = {};
		struct store_change change = {.server = LABEL, .now_s = NOW, .enabled = &wishes[i]};

		assert_int_equal(store_commit(fixture->store, &change), 0);
		fixture_reopen(fixture);
		assert_int_equal(store_server_load(fixture->store, LABEL, &record), 0);
		assert_int_equal(record.enabled, wishes[i]);
	}
}

static void an_absent_server_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	const bool enabled = true;
	const struct store_audit event = {"server.start", "uid 0", "{}"};
	struct store_change change = {.server = "absent",
				      .now_s = NOW,
				      .enabled = &enabled,
				      .audit = &event,
				      .n_audit = 1};
	int64_t good = -1;

	assert_int_equal(store_commit(fixture->store, &change), STORE_NOT_FOUND);
	assert_int_equal(verify_audit(fixture->store, &good), 0);
	assert_int_equal(good, 0);
}

static void generations_come_back_whole_and_in_order(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_generation_record_done) struct ca_generation_record second = generation_of(2);
	struct store_change change = {.server = LABEL, .now_s = NOW, .generation = &second};
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};
	struct ca_generation_record *records = NULL;
	size_t n = 0;

	second.counter = 9;
	second.destroyed_s = NOW + 5;
	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(store_commit(fixture->store, &change), STORE_EXISTS);
	fixture_reopen(fixture);
	assert_int_equal(store_generations_load(fixture->store, LABEL, &records, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(records[0].number, 1);
	assert_int_equal(records[0].destroyed_s, 0);
	assert_int_equal(records[1].id, second.id);
	assert_int_equal(records[1].number, 2);
	assert_int_equal(records[1].counter, 9);
	assert_int_equal(records[1].not_before_s, NOW);
	assert_int_equal(records[1].not_after_s, NOW + 1000);
	assert_int_equal(records[1].takes_over_s, NOW);
	assert_int_equal(records[1].destroyed_s, NOW + 5);
	assert_string_equal(records[1].token, "soft");
	assert_string_equal(records[1].token_serial, "0123456789abcdef");
	assert_true(span_equal(span_of(records[1].certificate), span_of(second.certificate)));
	assert_true(span_equal(span_of(records[1].key_id), span_of(second.key_id)));
	assert_true(span_equal(span_of(records[1].spki), span_of(second.spki)));
	assert_true(span_equal(span_of(records[1].serial), span_of(second.serial)));
	assert_true(span_equal(span_of(records[1].issuer), span_of(second.issuer)));
	assert_memory_equal(records[1].key_sha256, second.key_sha256, SHA256_SIZE);
	ca_generation_records_free(records, n);

	assert_int_equal(store_server_load(fixture->store, LABEL, &server), 0);
	assert_int_equal(server.next_counter, 10);
	assert_int_equal(store_generations_load(fixture->store, "absent", &records, &n), 0);
	assert_int_equal(n, 0);
	ca_generation_records_free(records, n);
}

/* Birth: server, generation, the CA's own certificate and its audit record are one change. */
static void a_birth_is_one_change(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_generation_record_done) struct ca_generation_record generation =
		generation_of(1);
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record certificate =
		certificate_of(1);
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};
	struct store_change change = {.server = "born",
				      .now_s = NOW,
				      .create_server = "born",
				      .generation = &generation,
				      .certificate = &certificate};

	certificate.generation_id = 0;
	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(certificate.generation_id, generation.id);
	assert_int_equal(certificate.request_id, 0);
	assert_int_equal(store_server_load(fixture->store, "born", &server), 0);
	assert_int_equal(server.last_counter, 1);
	assert_int_equal(server.next_counter, 2);
}

static int commit_crl(struct store *store, uint64_t number, const char *text)
{
	struct store_change change = {.server = LABEL,
				      .now_s = NOW,
				      .crl = span_of_text(text),
				      .crl_number = number,
				      .crl_revision = number * 2,
				      .crl_this_update_s = NOW + (int64_t)number,
				      .crl_next_update_s = NOW + 1000};

	return store_commit(store, &change);
}

static void crl_numbers_only_rise(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};

	assert_int_equal(store_crl_load(fixture->store, LABEL, &crl), STORE_NOT_FOUND);
	assert_int_equal(commit_crl(fixture->store, 1, "one"), 0);
	assert_int_equal(commit_crl(fixture->store, 3, "three"), 0);
	assert_int_equal(commit_crl(fixture->store, 3, "again"), STORE_CHANGED);
	assert_int_equal(commit_crl(fixture->store, 2, "two"), STORE_CHANGED);
	fixture_reopen(fixture);
	assert_int_equal(store_server_load(fixture->store, LABEL, &record), 0);
	assert_int_equal(record.crl_number, 3);
	assert_int_equal(record.crl_revision, 6);
	assert_int_equal(record.crl_this_update_s, NOW + 3);
	assert_int_equal(record.crl_next_update_s, NOW + 1000);
	assert_int_equal(record.crl_last_number, 3);
	assert_int_equal(store_crl_load(fixture->store, LABEL, &crl), 0);
	assert_true(span_equal(span_of(crl.der), SPAN_LITERAL("three")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_server_begins_empty, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(labels_are_unique, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(the_operators_wish_is_kept, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_restored_server_counts_on, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(an_absent_server_changes_nothing, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(generations_come_back_whole_and_in_order,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(a_birth_is_one_change, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(crl_numbers_only_rise, fixture_make, fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
