/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/store/fixture.h"
#include <strings.h>

static int64_t add(struct store *store, uint64_t counter, int64_t not_after_s)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record =
		certificate_of(counter);

	record.not_after_s = not_after_s;
	assert_int_equal(commit_certificate(store, &record), 0);
	return record.id;
}

static int revoke_one(struct store *store, int64_t id, int64_t now_s, int reason)
{
	struct store_change change = {.server = LABEL,
				      .now_s = now_s,
				      .revoke_certificate = id,
				      .revocation_reason = reason};

	return store_commit(store, &change);
}

static void a_certificate_is_found_by_id_serial_and_counter(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record =
		certificate_of(0x1234);
	struct ca_certificate_record none = {};

	record.class = GRANT_CLASS_SUBORDINATE;
	assert_int_equal(commit_certificate(store, &record), 0);
	for (unsigned i = 0; i < 3; i++) {
		_cleanup_(ca_certificate_record_done) struct ca_certificate_record found = {};
		int r = i == 0	 ? store_certificate_load(store, record.id, &found)
			: i == 1 ? store_certificate_find(store, LABEL, span_of(record.serial),
							  &found)
				 : store_certificate_find_counter(store, LABEL, 0x1234, &found);

		assert_int_equal(r, 0);
		assert_int_equal(found.id, record.id);
		assert_int_equal(found.counter, 0x1234);
		assert_true(span_equal(span_of(found.serial), SPAN_LITERAL("\x12\x34")));
		assert_int_equal(found.generation_id, 1);
		assert_int_equal(found.request_id, 0);
		assert_int_equal(found.class, GRANT_CLASS_SUBORDINATE);
		assert_true(span_equal(span_of(found.subject), span_of(record.subject)));
		assert_memory_equal(found.key_sha256, record.key_sha256, SHA256_SIZE);
		assert_int_equal(found.not_before_s, NOW);
		assert_int_equal(found.not_after_s, NOW + 500);
		assert_true(span_equal(span_of(found.certificate), span_of(record.certificate)));
		assert_int_equal(found.revoked_s, 0);
		assert_int_equal(found.revocation_reason, 0);
	}
	assert_int_equal(store_certificate_load(store, record.id + 1, &none), STORE_NOT_FOUND);
	assert_int_equal(store_certificate_find(store, LABEL, SPAN_LITERAL("\x12"), &none),
			 STORE_NOT_FOUND);
	assert_int_equal(store_certificate_find(store, "other", span_of(record.serial), &none),
			 STORE_NOT_FOUND);
	assert_int_equal(store_certificate_find_counter(store, LABEL, 0x1235, &none),
			 STORE_NOT_FOUND);
	assert_int_equal(store_certificate_find_counter(store, LABEL, UINT64_MAX, &none),
			 STORE_NOT_FOUND);
}

static int64_t add_for(struct store *store, uint64_t counter, int64_t generation_id,
		       const char *subject)
{
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record =
		certificate_of(counter);

	_cleanup_(ca_request_record_done) struct ca_request_record request =
		request_of(subject, (uint8_t)counter);

	assert_int_equal(commit_request(store, &request, 0), 0);
	record.generation_id = generation_id;
	record.request_id = request.id;
	bytes_done(&record.subject);
	record.subject = copy_of(span_of_text(subject));
	assert_int_equal(commit_certificate(store, &record), 0);
	return record.id;
}

static int add_up_counters(void *context, const struct ca_certificate_record *record)
{
	*(uint64_t *)context = *(uint64_t *)context * 100 + record->counter;
	return 0;
}

/* What one subject holds from two CAs is found from either end. */
static void certificates_beside_are_of_other_generations(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	_cleanup_(ca_generation_record_done) struct ca_generation_record second = generation_of(2);
	struct store_change change = {.server = LABEL, .now_s = NOW, .generation = &second};
	int64_t first_id, other_id;

	assert_int_equal(store_commit(store, &change), 0);
	first_id = add_for(store, 11, 1, "A");
	add_for(store, 12, 1, "B");
	other_id = add_for(store, 13, second.id, "A");
	add_for(store, 14, second.id, "B");
	for (unsigned i = 0; i < 3; i++) {
		_cleanup_(ca_certificate_record_done) struct ca_certificate_record record = {};
		static const uint64_t expected[] = {13, 11, 0};
		uint64_t found = 0;

		if (i == 2) /* what is revoked needs no hint */
			assert_int_equal(revoke_one(store, other_id, NOW, 0), 0);
		assert_int_equal(
			store_certificate_load(store, i == 1 ? other_id : first_id, &record), 0);
		assert_int_equal(store_certificate_list_beside(store, LABEL, &record, NOW,
							       add_up_counters, &found),
				 0);
		assert_int_equal(found, expected[i]);
		found = 0;
		assert_int_equal(store_certificate_list_beside(store, LABEL, &record, NOW + 501,
							       add_up_counters, &found),
				 0);
		assert_int_equal(found, 0);
	}
}

static void serials_and_counters_are_unique_in_a_server(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record =
		certificate_of(5);
	struct store_change other = {.server = "other", .now_s = NOW, .certificate = &record};

	add(fixture->store, 5, NOW + 500);
	assert_int_equal(commit_certificate(fixture->store, &record), STORE_EXISTS);
	record.counter = 6;
	assert_int_equal(commit_certificate(fixture->store, &record), STORE_EXISTS);
	record.counter = 5;
	record.serial.data[0] = 6;
	assert_int_equal(commit_certificate(fixture->store, &record), STORE_EXISTS);
	make_server(fixture->store, "other");
	assert_int_equal(store_commit(fixture->store, &other), 0);
}

static void the_newest_counter_is_the_last_issued(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};

	add(fixture->store, 9, NOW + 500);
	add(fixture->store, 7, NOW + 500); /* workers commit in any order */
	assert_int_equal(store_server_load(fixture->store, LABEL, &server), 0);
	assert_int_equal(server.last_counter, 9);
}

struct seen {
	uint64_t counters[8];
	uint8_t serials[8][3];
	size_t sizes[8];
	size_t n;
};

static int note(void *context, const struct ca_certificate_record *record)
{
	struct seen *seen = context;

	seen->counters[seen->n] = record->counter;
	seen->sizes[seen->n] = record->serial.size;
	memcpy(seen->serials[seen->n], record->serial.data, record->serial.size);
	seen->n++;
	return 0;
}

static void lists_are_newest_first_and_paged(void **state)
{
	struct fixture *fixture = *state;
	struct seen all = {};
	struct seen page = {};

	for (uint64_t i = 2; i < 7; i++)
		add(fixture->store, i, NOW + 500);
	assert_int_equal(store_certificate_list(fixture->store, LABEL, 0, 0, note, &all), 0);
	assert_int_equal(all.n, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(all.counters[i], 6 - i);
	assert_int_equal(store_certificate_list(fixture->store, LABEL, 5, 2, note, &page), 0);
	assert_int_equal(page.n, 2);
	assert_int_equal(page.counters[0], 4);
	assert_int_equal(page.counters[1], 3);
}

static void a_revocation_counts_and_happens_once(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_certificate_record_done) struct ca_certificate_record record = {};
	_cleanup_(ca_server_record_done) struct ca_server_record server = {};
	int64_t id = add(fixture->store, 2, NOW + 500);

	assert_int_equal(revoke_one(fixture->store, id, NOW + 7, 4), 0);
	assert_int_equal(revoke_one(fixture->store, id, NOW + 8, 1), STORE_CHANGED);
	assert_int_equal(revoke_one(fixture->store, id + 1, NOW + 8, 1), STORE_CHANGED);
	fixture_reopen(fixture);
	assert_int_equal(store_certificate_load(fixture->store, id, &record), 0);
	assert_int_equal(record.revoked_s, NOW + 7);
	assert_int_equal(record.revocation_reason, 4);
	assert_int_equal(store_server_load(fixture->store, LABEL, &server), 0);
	assert_int_equal(server.revocation_revision, 1);
}

static void the_crl_lists_serials_in_numerical_order(void **state)
{
	static const uint64_t counters[] = {0x300, 0x7f, 0x10000, 0x80, 0x02, 0xff};
	struct fixture *fixture = *state;
	struct seen seen = {};
	uint64_t last = 0;

	for (size_t i = 0; i < ELEMENTS(counters); i++)
		assert_int_equal(revoke_one(fixture->store,
					    add(fixture->store, counters[i], NOW + 500), NOW, 0),
				 0);
	add(fixture->store, 0x55, NOW + 500); /* in force */
	assert_int_equal(store_revoked_list(fixture->store, LABEL, 0, note, &seen), 0);
	assert_int_equal(seen.n, ELEMENTS(counters));
	for (size_t i = 0; i < seen.n; i++) {
		uint64_t serial = 0;

		for (size_t k = 0; k < seen.sizes[i]; k++)
			serial = serial << 8 | seen.serials[i][k];
		assert_true(serial > last);
		last = serial;
	}
}

static void an_entry_stays_until_one_crl_after_its_certificates_end(void **state)
{
	struct fixture *fixture = *state;
	int64_t id = add(fixture->store, 2, NOW + 500);
	static const struct {
		int64_t previous_s;
		size_t n;
	} cases[] = {{0, 1}, {NOW + 100, 1}, {NOW + 500, 1}, {NOW + 501, 0}};

	assert_int_equal(revoke_one(fixture->store, id, NOW, 0), 0);
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct seen seen = {};

		assert_int_equal(
			store_revoked_list(fixture->store, LABEL, cases[i].previous_s, note, &seen),
			0);
		assert_int_equal(seen.n, cases[i].n);
	}
}

/* As names compare, more or less. */
static bool same_but_for_case(struct span a, struct span b)
{
	return a.size == b.size && !strncasecmp((const char *)a.data, (const char *)b.data, a.size);
}

static struct store_key_history history_of(struct store *store, struct span subject, int64_t now_s)
{
	struct store_key_history history = {};
	uint8_t key[SHA256_SIZE];

	memset(key, 0x33, sizeof(key));
	assert_int_equal(store_key_history(store, LABEL,
					   &(struct store_key_question){SPAN_ARRAY(key), subject,
									same_but_for_case, now_s},
					   &history),
			 0);
	return history;
}

static void a_keys_history_is_known(void **state)
{
	struct fixture *fixture = *state;
	struct span same = SPAN_LITERAL("\x30\x01S");
	struct span other = SPAN_LITERAL("\x30\x01T");
	int64_t first;
	int64_t second;

	assert_false(history_of(fixture->store, same, NOW).compromised);
	assert_false(history_of(fixture->store, other, NOW).certified_for_another);
	first = add(fixture->store, 2, NOW + 500);
	second = add(fixture->store, 3, NOW + 400);
	assert_false(history_of(fixture->store, same, NOW).certified_for_another);
	assert_true(history_of(fixture->store, other, NOW).certified_for_another);
	assert_false(history_of(fixture->store, SPAN_LITERAL("\x30\x01s"), NOW)
			     .certified_for_another); /* the same name, spelt otherwise */
	assert_true(history_of(fixture->store, other, NOW + 500).certified_for_another);
	assert_false(history_of(fixture->store, other, NOW + 501).certified_for_another);

	assert_int_equal(revoke_one(fixture->store, first, NOW, 4), 0);
	assert_false(history_of(fixture->store, same, NOW).compromised);
	assert_int_equal(revoke_one(fixture->store, second, NOW, 1), 0);
	assert_true(history_of(fixture->store, same, NOW).compromised);
	assert_true(history_of(fixture->store, other, NOW + 100000).compromised);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_certificate_is_found_by_id_serial_and_counter,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(certificates_beside_are_of_other_generations,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(serials_and_counters_are_unique_in_a_server,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(the_newest_counter_is_the_last_issued, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(lists_are_newest_first_and_paged, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(a_revocation_counts_and_happens_once, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(the_crl_lists_serials_in_numerical_order,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(
			an_entry_stays_until_one_crl_after_its_certificates_end, fixture_make,
			fixture_drop),
		cmocka_unit_test_setup_teardown(a_keys_history_is_known, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
