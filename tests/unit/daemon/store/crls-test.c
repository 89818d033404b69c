/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs of several generations: whose is the newest, and what of theirs is kept. */
#include "tests/unit/daemon/store/fixture.h"

enum kind { NEWEST, OWN, AHEAD };

/* The ids of both generations; the first took over before the second. */
static int64_t first, second;

static int add_second(void **state)
{
	_cleanup_(ca_generation_record_done) struct ca_generation_record generation =
		generation_of(2);
	struct store_change change = {.server = LABEL, .now_s = NOW, .generation = &generation};
	struct ca_generation_record *records = NULL;
	struct fixture *fixture;
	size_t n;

	fixture_make(state);
	fixture = *state;
	generation.key_sha256[0] = 0x22;
	assert_int_equal(store_commit(fixture->store, &change), 0);
	assert_int_equal(store_generations_load(fixture->store, LABEL, &records, &n), 0);
	assert_int_equal(n, 2);
	first = records[0].id;
	second = records[1].id;
	ca_generation_records_free(records, n);
	return 0;
}

static int put(struct fixture *fixture, enum kind kind, int64_t generation, uint64_t number,
	       const char *text)
{
	struct store_change change = {
		.server = LABEL,
		.now_s = NOW,
		.crl = span_of_text(text),
		.crl_generation = generation,
		.crl_is_own = kind == OWN,
		.crl_is_ahead = kind == AHEAD,
		.crl_number = number,
		.crl_revision = number,
		.crl_this_update_s = NOW + (int64_t)number,
		.crl_next_update_s = NOW + 1000,
	};

	return store_commit(fixture->store, &change);
}

static void check_newest(struct fixture *fixture, int64_t generation, const char *text)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};

	assert_int_equal(store_crl_load(fixture->store, LABEL, &crl), 0);
	assert_true(span_equal(span_of(crl.der), span_of_text(text)));
	assert_int_equal(crl.generation_id, generation);
}

static void check_own(struct fixture *fixture, int64_t generation, const char *text)
{
	_cleanup_(ca_crl_record_done) struct ca_crl_record crl = {};
	int r = store_crl_load_own(fixture->store, generation, &crl);

	if (!text) {
		assert_int_equal(r, STORE_NOT_FOUND);
		return;
	}
	assert_int_equal(r, 0);
	assert_true(span_equal(span_of(crl.der), span_of_text(text)));
	assert_int_equal(crl.generation_id, generation);
}

static int64_t changes(struct fixture *fixture)
{
	struct ca_target_facts facts;

	assert_int_equal(store_target_facts(fixture->store, LABEL, &facts), 0);
	return facts.crl_changes;
}

static int publish(struct fixture *fixture, uint64_t number)
{
	struct store_change change = {.server = LABEL, .now_s = NOW, .publish_ahead = number};

	return store_commit(fixture->store, &change);
}

static void each_key_keeps_its_newest(void **state)
{
	struct fixture *fixture = *state;
	struct ca_generation_record *records = NULL;
	size_t n;

	check_own(fixture, first, NULL);
	assert_int_equal(put(fixture, NEWEST, first, 1, "one"), 0);
	check_own(fixture, first, "one");
	check_own(fixture, second, NULL);
	assert_int_equal(put(fixture, NEWEST, second, 2, "two"), 0);
	check_newest(fixture, second, "two");
	check_own(fixture, first, "one");
	check_own(fixture, second, "two");
	assert_int_equal(put(fixture, OWN, first, 3, "three"), 0);
	check_newest(fixture, second, "two");
	check_own(fixture, first, "three");
	assert_int_equal(put(fixture, NEWEST, second, 4, "four"), 0);
	check_own(fixture, first, "three");
	check_own(fixture, second, "four");
	assert_int_equal(store_generations_load(fixture->store, LABEL, &records, &n), 0);
	assert_int_equal(records[0].own_crl_number, 3);
	assert_int_equal(records[0].own_crl_this_update_s, NOW + 3);
	assert_int_equal(records[0].own_crl_next_update_s, NOW + 1000);
	assert_int_equal(records[0].own_crl_revision, 3);
	assert_int_equal(records[1].own_crl_number, 0);
	ca_generation_records_free(records, n);
}

static void numbers_rise_over_all_keys(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(put(fixture, NEWEST, second, 5, "five"), 0);
	assert_int_equal(put(fixture, OWN, first, 5, "again"), STORE_CHANGED);
	assert_int_equal(put(fixture, OWN, first, 4, "four"), STORE_CHANGED);
	check_own(fixture, first, NULL);
	assert_int_equal(put(fixture, OWN, first, 6, "six"), 0);
	assert_int_equal(put(fixture, NEWEST, second, 6, "six"), STORE_CHANGED);
}

static int import(struct fixture *fixture, uint64_t number)
{
	const struct store_revocations none = {};
	struct store_change change = {
		.server = LABEL,
		.now_s = NOW,
		.crl = SPAN_LITERAL("imported"),
		.crl_generation = first,
		.crl_is_own = true,
		.crl_number = number,
		.crl_this_update_s = NOW,
		.crl_next_update_s = NOW + 1000,
		.revocations = &none,
	};

	return store_commit(fixture->store, &change);
}

/* One of a key that is elsewhere: it knows nothing of what was signed here. */
static void an_own_one_from_elsewhere_rises_by_itself(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_server_record_done) struct ca_server_record record = {};

	assert_int_equal(put(fixture, NEWEST, second, 9, "nine"), 0);
	assert_int_equal(import(fixture, 4), 0);
	check_own(fixture, first, "imported");
	assert_int_equal(import(fixture, 4), STORE_CHANGED);
	assert_int_equal(import(fixture, 5), 0);
	assert_int_equal(import(fixture, 12), 0);
	assert_int_equal(store_server_load(fixture->store, LABEL, &record), 0);
	assert_int_equal(record.crl_last_number, 12);
	check_newest(fixture, second, "nine");
}

/* The active's series may be all that there is of it, and an own one is of another key. */
static void an_own_one_leaves_what_is_signed_ahead(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(put(fixture, NEWEST, first, 1, "one"), 0);
	assert_int_equal(put(fixture, AHEAD, second, 2, "two"), 0);
	assert_int_equal(put(fixture, OWN, first, 3, "three"), 0);
	assert_int_equal(publish(fixture, 2), 0);
	check_newest(fixture, second, "two");
	check_own(fixture, first, "three");
	assert_int_equal(put(fixture, AHEAD, second, 4, "four"), 0);
	assert_int_equal(put(fixture, NEWEST, second, 5, "five"), 0);
	assert_int_equal(publish(fixture, 4), STORE_CHANGED);
}

/* Also where one with a lower number than another key's follows: files are written for each. */
static void every_change_counts(void **state)
{
	struct fixture *fixture = *state;
	int64_t before = changes(fixture);

	assert_int_equal(put(fixture, NEWEST, first, 1, "one"), 0);
	assert_int_equal(changes(fixture), before + 1);
	assert_int_equal(put(fixture, AHEAD, second, 2, "two"), 0);
	assert_int_equal(changes(fixture), before + 1);
	assert_int_equal(put(fixture, OWN, first, 3, "three"), 0);
	assert_int_equal(changes(fixture), before + 2);
	assert_int_equal(publish(fixture, 2), 0);
	assert_int_equal(changes(fixture), before + 3);
	assert_int_equal(publish(fixture, 2), STORE_CHANGED);
	assert_int_equal(changes(fixture), before + 3);
}

/* Another CA numbered its certificate; what its key signed before there was one is its own. */
static void one_that_waited_for_a_certificate_goes_to_it(void **state)
{
	_cleanup_(ca_generation_record_done) struct ca_generation_record third = generation_of(3),
									 fourth = generation_of(4);
	struct fixture *fixture = *state;
	struct store_change birth = {
		.server = LABEL, .now_s = NOW, .generation = &third, .generation_has_crl = true};
	struct ca_generation_record *records = NULL;
	size_t n;

	third.counter = fourth.counter = 0;
	assert_int_equal(put(fixture, NEWEST, 0, 1, "one"), 0);
	check_newest(fixture, 0, "one");
	assert_int_equal(store_commit(fixture->store, &birth), 0);
	check_newest(fixture, third.id, "one");
	check_own(fixture, third.id, "one");
	birth.generation = &fourth;
	assert_int_equal(store_commit(fixture->store, &birth), 0);
	check_newest(fixture, third.id, "one");
	assert_int_equal(store_generations_load(fixture->store, LABEL, &records, &n), 0);
	assert_int_equal(records[n - 1].counter, 0);
	assert_int_equal(records[n - 1].certified_until_s, fourth.not_after_s);
	ca_generation_records_free(records, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_key_keeps_its_newest, add_second,
						fixture_drop),
		cmocka_unit_test_setup_teardown(numbers_rise_over_all_keys, add_second,
						fixture_drop),
		cmocka_unit_test_setup_teardown(an_own_one_from_elsewhere_rises_by_itself,
						add_second, fixture_drop),
		cmocka_unit_test_setup_teardown(an_own_one_leaves_what_is_signed_ahead, add_second,
						fixture_drop),
		cmocka_unit_test_setup_teardown(every_change_counts, add_second, fixture_drop),
		cmocka_unit_test_setup_teardown(one_that_waited_for_a_certificate_goes_to_it,
						add_second, fixture_drop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
