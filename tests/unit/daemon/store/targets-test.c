/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ca/target.h"
#include "tests/unit/daemon/store/fixture.h"

static void put(struct store *store, struct ca_target_record *record)
{
	struct store_change change = {.server = LABEL, .now_s = NOW, .target = record};

	assert_int_equal(store_commit(store, &change), 0);
	assert_true(record->id > 0);
}

static void a_target_is_replaced_by_its_place(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_target_record_done) struct ca_target_record one = {
		.kind = CA_TARGET_PUBLISH,
		.file = CA_FILE_CRL,
		.place = strdup("http://a.example")};
	_cleanup_(ca_target_record_done) struct ca_target_record other = {
		.kind = CA_TARGET_PUBLISH, .file = CA_FILE_CRL, .place = strdup("/srv/www")};
	struct ca_target_record *records = NULL;
	int64_t first_id;
	size_t n = 99;

	assert_int_equal(store_targets_load(fixture->store, LABEL, &records, &n), 0);
	assert_int_equal(n, 0);
	free(records);
	put(fixture->store, &one);
	put(fixture->store, &other);
	first_id = one.id;
	one.done = 7;
	assert_int_equal(ca_target_fail(&one, false, "no route to host", NOW), 0);
	put(fixture->store, &one);
	assert_int_equal(one.id, first_id);
	fixture_reopen(fixture);
	assert_int_equal(store_targets_load(fixture->store, LABEL, &records, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(records[0].place, "/srv/www");
	assert_null(records[0].reason);
	assert_int_equal(records[1].id, first_id);
	assert_int_equal(records[1].kind, CA_TARGET_PUBLISH);
	assert_int_equal(records[1].file, CA_FILE_CRL);
	assert_string_equal(records[1].place, "http://a.example");
	assert_int_equal(records[1].done, 7);
	assert_int_equal(records[1].attempts, 1);
	assert_int_equal(records[1].next_try_s, NOW + 1);
	assert_int_equal(records[1].first_failure_s, NOW);
	assert_string_equal(records[1].reason, "no route to host");
	ca_target_records_free(records, n);
}

struct seen {
	int64_t ids[8];
	size_t n;
};

static int see(void *context, const struct ca_certificate_record *record)
{
	struct seen *seen = context;

	seen->ids[seen->n++] = record->id;
	return 0;
}

/* Also where a lower counter is committed after a higher one. */
static void certificates_come_as_they_were_committed(void **state)
{
	static const uint64_t counters[] = {5, 3, 4, 9};
	struct fixture *fixture = *state;
	struct ca_target_facts facts = {};
	struct seen all = {}, rest = {};
	int64_t last_id = 0;

	assert_int_equal(store_target_facts(fixture->store, LABEL, &facts), 0);
	assert_int_equal(facts.certificate_id, 0);
	assert_int_equal(facts.crl_changes, 0);
	for (size_t i = 0; i < ELEMENTS(counters); i++) {
		_cleanup_(ca_certificate_record_done) struct ca_certificate_record record =
			certificate_of(counters[i]);

		assert_int_equal(commit_certificate(fixture->store, &record), 0);
		assert_true(record.id > last_id);
		last_id = record.id;
	}
	assert_int_equal(store_target_facts(fixture->store, LABEL, &facts), 0);
	assert_int_equal(facts.certificate_id, last_id);
	assert_int_equal(facts.last_counter, 9);
	assert_int_equal(store_certificate_list_after(fixture->store, LABEL, 0, 3, see, &all), 0);
	assert_int_equal(all.n, 3);
	assert_int_equal(
		store_certificate_list_after(fixture->store, LABEL, all.ids[2], 3, see, &rest), 0);
	assert_int_equal(rest.n, 1);
	assert_int_equal(rest.ids[0], last_id);
	assert_int_equal(store_target_facts(fixture->store, "NONE", &facts), STORE_NOT_FOUND);
}

/* What a restored server issued elsewhere has no certificates here. */
static void the_last_serial_counts_what_was_issued_elsewhere(void **state)
{
	struct fixture *fixture = *state;
	struct store_change change = {.server = LABEL, .now_s = NOW, .last_counter = 32};
	struct ca_target_facts facts = {};

	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(store_target_facts(fixture->store, LABEL, &facts), 0);
	assert_int_equal(facts.last_counter, 32);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_target_is_replaced_by_its_place, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(certificates_come_as_they_were_committed,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(the_last_serial_counts_what_was_issued_elsewhere,
						fixture_make, fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
