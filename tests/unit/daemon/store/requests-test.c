/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/store/fixture.h"

static int64_t add(struct store *store, const char *transaction, enum ca_request_state state,
		   int64_t expires_s, const char *peer)
{
	_cleanup_(ca_request_record_done) struct ca_request_record record =
		request_of(transaction, 1);

	record.state = state;
	record.expires_s = expires_s;
	free(record.peer);
	record.peer = strdup(peer);
	record.peer_bucket = (uint64_t)*peer;
	assert_int_equal(commit_request(store, &record, 0), 0);
	return record.id;
}

static void a_request_comes_back_whole(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record record = request_of("t", 5);
	_cleanup_(ca_request_record_done) struct ca_request_record found = {};
	_cleanup_(ca_request_record_done) struct ca_request_record loaded = {};

	record.class = GRANT_CLASS_RA;
	record.answered_nonce = copy_of(SPAN_LITERAL("again"));
	record.renewal = true;
	record.renewed = copy_of(SPAN_LITERAL("a certificate"));
	record.generation = 3;
	record.peer_bucket = UINT64_MAX - 1; /* any 64 bits */
	record.updated_s = NOW + 1;
	assert_int_equal(commit_request(fixture->store, &record, 0), 0);
	assert_true(record.id > 0);
	assert_int_equal(record.revision, 1);
	fixture_reopen(fixture);
	assert_int_equal(find_request(fixture->store, LABEL, SPAN_LITERAL("t"),
				      SPAN_ARRAY(record.requester), &found),
			 0);
	assert_int_equal(found.id, record.id);
	assert_int_equal(found.revision, 1);
	assert_true(span_equal(span_of(found.transaction_id), SPAN_LITERAL("t")));
	assert_memory_equal(found.requester, record.requester, SHA256_SIZE);
	assert_int_equal(found.state, CA_REQUEST_PENDING);
	assert_int_equal(found.class, GRANT_CLASS_RA);
	assert_true(found.renewal);
	assert_true(span_equal(span_of(found.renewed), SPAN_LITERAL("a certificate")));
	assert_int_equal(found.generation, 3);
	assert_int_equal(found.signer_id, 0);
	assert_true(span_equal(span_of(found.csr), span_of(record.csr)));
	assert_memory_equal(found.csr_sha256, record.csr_sha256, SHA256_SIZE);
	assert_memory_equal(found.key_sha256, record.key_sha256, SHA256_SIZE);
	assert_true(span_equal(span_of(found.subject), span_of(record.subject)));
	assert_true(span_equal(span_of(found.sender_nonce), span_of(record.sender_nonce)));
	assert_true(span_equal(span_of(found.answered_nonce), SPAN_LITERAL("again")));
	assert_string_equal(found.peer, "192.0.2.1");
	assert_true(found.peer_bucket == record.peer_bucket);
	assert_string_equal(found.rule, "Grant=manual");
	assert_string_equal(found.reason, "waits");
	assert_int_equal(found.created_s, NOW);
	assert_int_equal(found.updated_s, NOW + 1);
	assert_int_equal(found.expires_s, NOW + 100);
	assert_int_equal(found.password_id, 0);
	assert_int_equal(found.certificate_id, 0);

	assert_int_equal(store_request_load(fixture->store, LABEL, record.id, &loaded), 0);
	assert_true(span_equal(span_of(loaded.csr), span_of(record.csr)));
}

/* Neither another requester nor another server sees it, and no prefix of its name. */
static void transactions_are_apart(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record record = request_of("t\x01", 5);
	struct ca_request_record none = {};
	uint8_t other[SHA256_SIZE] = {6};

	assert_int_equal(commit_request(fixture->store, &record, 0), 0);
	make_server(fixture->store, "other");
	assert_int_equal(find_request(fixture->store, LABEL, SPAN_LITERAL("t\x01"),
				      SPAN_ARRAY(other), &none),
			 STORE_NOT_FOUND);
	assert_int_equal(find_request(fixture->store, LABEL, SPAN_LITERAL("t"),
				      SPAN_ARRAY(record.requester), &none),
			 STORE_NOT_FOUND);
	assert_int_equal(find_request(fixture->store, "other", SPAN_LITERAL("t\x01"),
				      SPAN_ARRAY(record.requester), &none),
			 STORE_NOT_FOUND);
	assert_int_equal(store_request_load(fixture->store, "other", record.id, &none),
			 STORE_NOT_FOUND);
	assert_int_equal(store_request_load(fixture->store, LABEL, record.id + 1, &none),
			 STORE_NOT_FOUND);
}

struct ids {
	int64_t ids[16];
	size_t n;
	int answer;
};

static int note_id(void *context, const struct ca_request_record *record)
{
	struct ids *ids = context;

	assert_true(record->csr.size > 0);
	ids->ids[ids->n++] = record->id;
	return ids->answer;
}

static void check_list(struct store *store, const struct store_request_filter *filter,
		       const int64_t *expected, size_t n)
{
	struct ids ids = {};

	assert_int_equal(store_request_list(store, LABEL, filter, note_id, &ids), 0);
	assert_int_equal(ids.n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(ids.ids[i], expected[i]);
}

static void lists_are_newest_first_by_state_and_page(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	int64_t a = add(store, "a", CA_REQUEST_PENDING, NOW, "p");
	int64_t b = add(store, "b", CA_REQUEST_GRANTED, NOW, "p");
	int64_t c = add(store, "c", CA_REQUEST_PENDING, NOW, "p");
	int64_t d = add(store, "d", CA_REQUEST_DENIED, NOW, "p");
	int64_t e = add(store, "e", CA_REQUEST_GRANTED, NOW, "p");
	struct ids stopped = {.answer = 1};
	struct ids failed = {.answer = -ENOMEM};

	check_list(store, &(struct store_request_filter){}, (int64_t[]){e, d, c, b, a}, 5);
	check_list(store, &(struct store_request_filter){.limit = 2}, (int64_t[]){e, d}, 2);
	check_list(store, &(struct store_request_filter){.before_id = d, .limit = 2},
		   (int64_t[]){c, b}, 2);
	check_list(store, &(struct store_request_filter){.state = CA_REQUEST_PENDING},
		   (int64_t[]){c, a}, 2);
	check_list(store, &(struct store_request_filter){.state = CA_REQUEST_GRANTED},
		   (int64_t[]){e, b}, 2);
	check_list(store,
		   &(struct store_request_filter){.state = CA_REQUEST_GRANTED, .before_id = e},
		   (int64_t[]){b}, 1);
	check_list(store, &(struct store_request_filter){.state = CA_REQUEST_MALFORMED}, NULL, 0);

	assert_int_equal(store_request_list(store, LABEL, &(struct store_request_filter){}, note_id,
					    &stopped),
			 0);
	assert_int_equal(stopped.n, 1);
	assert_int_equal(store_request_list(store, LABEL, &(struct store_request_filter){}, note_id,
					    &failed),
			 -ENOMEM);
}

static int64_t add_to(struct store *store, const char *transaction, enum grant_class class,
		      bool rollover, enum ca_request_state state)
{
	_cleanup_(ca_request_record_done) struct ca_request_record record =
		request_of(transaction, 1);

	record.class = class;
	record.generation = rollover ? 2 : 1;
	record.state = state;
	assert_int_equal(commit_request(store, &record, 0), 0);
	return record.id;
}

static void sections_are_apart(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	const struct store_request_section routers = {GRANT_CLASS_ROUTER, false, 2};
	const struct store_request_section shadows = {GRANT_CLASS_ROUTER, true, 2};
	const struct store_request_section ras = {GRANT_CLASS_RA, false, 2};
	const struct store_request_section none = {GRANT_CLASS_SUBORDINATE, true, 2};
	int64_t a = add_to(store, "a", GRANT_CLASS_ROUTER, false, CA_REQUEST_PENDING);
	int64_t b = add_to(store, "b", GRANT_CLASS_RA, false, CA_REQUEST_GRANTED);
	int64_t c = add_to(store, "c", GRANT_CLASS_ROUTER, true, CA_REQUEST_GRANTED);
	int64_t d = add_to(store, "d", GRANT_CLASS_ROUTER, false, CA_REQUEST_GRANTED);
	const struct {
		struct store_request_filter filter;
		int64_t expected[4];
		size_t n;
	} rows[] = {
		{{.section = &routers}, {d, a}, 2},
		{{.section = &routers, .limit = 1}, {d}, 1},
		{{.section = &routers, .before_id = d}, {a}, 1},
		{{.section = &routers, .state = CA_REQUEST_PENDING}, {a}, 1},
		{{.section = &routers, .state = CA_REQUEST_GRANTED}, {d}, 1},
		{{.section = &routers, .state = CA_REQUEST_DENIED}, {0}, 0},
		{{.section = &shadows}, {c}, 1},
		{{.section = &ras}, {b}, 1},
		{{.section = &none}, {0}, 0},
	};

	for (size_t i = 0; i < ELEMENTS(rows); i++)
		check_list(store, &rows[i].filter, rows[i].expected, rows[i].n);
}

/* A callback may ask the store again. */
static int load_again(void *context, const struct ca_request_record *record)
{
	_cleanup_(ca_request_record_done) struct ca_request_record loaded = {};

	assert_int_equal(store_request_load(context, LABEL, record->id, &loaded), 0);
	return 0;
}

static void a_list_does_not_lock_its_own_callback_out(void **state)
{
	struct fixture *fixture = *state;

	add(fixture->store, "a", CA_REQUEST_PENDING, NOW, "p");
	add(fixture->store, "b", CA_REQUEST_PENDING, NOW, "p");
	assert_int_equal(store_request_list(fixture->store, LABEL, &(struct store_request_filter){},
					    load_again, fixture->store),
			 0);
}

static void pending_ones_are_counted_by_peer(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	unsigned all = 9;
	unsigned peer = 9;

	assert_int_equal(store_request_count_pending(store, 'p', &all, &peer), 0);
	assert_int_equal(all, 0);
	assert_int_equal(peer, 0);
	add(store, "a", CA_REQUEST_PENDING, NOW, "p");
	add(store, "b", CA_REQUEST_PENDING, NOW, "p");
	add(store, "c", CA_REQUEST_PENDING, NOW, "q");
	add(store, "d", CA_REQUEST_GRANTED, NOW, "p");
	add(store, "e", CA_REQUEST_DENIED, NOW, "p");
	assert_int_equal(store_request_count_pending(store, 'p', &all, &peer), 0);
	assert_int_equal(all, 3);
	assert_int_equal(peer, 2);
}

static void who_has_most_is_known_over_all_servers(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	_cleanup_(store_most_pending_done) struct store_most_pending none = {};
	_cleanup_(store_most_pending_done) struct store_most_pending most = {};
	_cleanup_(ca_request_record_done) struct ca_request_record elsewhere = request_of("x", 1);
	struct store_change change = {.server = "other", .now_s = NOW, .request = &elsewhere};

	assert_int_equal(store_request_most_pending(store, &none), 0);
	assert_int_equal(none.n, 0);
	add(store, "a", CA_REQUEST_PENDING, NOW, "p");
	add(store, "b", CA_REQUEST_PENDING, NOW, "q");
	add(store, "c", CA_REQUEST_DENIED, NOW, "q");
	make_server(store, "other");
	elsewhere.peer_bucket = 'p';
	assert_int_equal(store_commit(store, &change), 0);
	assert_int_equal(store_request_most_pending(store, &most), 0);
	assert_int_equal(most.n, 2);
	assert_int_equal(most.newest, elsewhere.id);
	assert_string_equal(most.server, "other");
}

/* What an operator brings takes nobody's room, and gives none up. */
static void an_operators_do_not_count(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_(ca_request_record_done) struct ca_request_record record = request_of("x", 1);
	_cleanup_(store_most_pending_done) struct store_most_pending most = {};
	unsigned all = 9, peer = 9;

	assert_int_equal(commit_request(fixture->store, &record, 0), 0);
	assert_int_equal(store_request_count_pending(fixture->store, 'p', &all, &peer), 0);
	assert_int_equal(all, 0);
	assert_int_equal(store_request_most_pending(fixture->store, &most), 0);
	assert_int_equal(most.n, 0);
}

/* With another key: a router's own renewals use its transactionID too. */
static void another_under_the_same_transaction_is_seen(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	_cleanup_(ca_request_record_done) struct ca_request_record first = request_of("t", 1);
	_cleanup_(ca_request_record_done) struct ca_request_record second = request_of("t", 2);
	bool others = true;

	assert_int_equal(store_request_has_others(store, LABEL, &first, &others), 0);
	assert_false(others);
	assert_int_equal(commit_request(store, &first, 0), 0);
	assert_int_equal(store_request_has_others(store, LABEL, &first, &others), 0);
	assert_false(others);
	assert_int_equal(store_request_has_others(store, LABEL, &second, &others), 0);
	assert_false(others);
	memset(second.key_sha256, 0x44, SHA256_SIZE);
	assert_int_equal(store_request_has_others(store, LABEL, &second, &others), 0);
	assert_true(others);
	assert_int_equal(store_request_has_others(store, "other", &second, &others), 0);
	assert_false(others);
}

static void requests_without_a_certificate_end_by_themselves(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	struct ca_request_record none = {};
	int64_t first = 9;
	unsigned n = 9;
	int64_t kept;
	int64_t denied;

	assert_int_equal(store_request_first_expiry(store, LABEL, &first), 0);
	assert_int_equal(first, 0);
	add(store, "a", CA_REQUEST_PENDING, NOW + 10, "p");
	denied = add(store, "b", CA_REQUEST_DENIED, NOW + 5, "p");
	add(store, "c", CA_REQUEST_MALFORMED, NOW + 5, "p");
	kept = add(store, "d", CA_REQUEST_GRANTED, NOW + 1, "p");
	add(store, "e", CA_REQUEST_PENDING, 0, "p");
	assert_int_equal(store_request_first_expiry(store, LABEL, &first), 0);
	assert_int_equal(first, NOW + 5);

	assert_int_equal(store_request_expire(store, LABEL, NOW + 4, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_request_expire(store, LABEL, NOW + 5, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(store_request_load(store, LABEL, denied, &none), STORE_NOT_FOUND);
	assert_int_equal(store_request_first_expiry(store, LABEL, &first), 0);
	assert_int_equal(first, NOW + 10);
	assert_int_equal(store_request_expire(store, LABEL, NOW + 1000, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_request_first_expiry(store, LABEL, &first), 0);
	assert_int_equal(first, 0);

	assert_int_equal(store_request_load(store, LABEL, kept, &none), 0);
	ca_request_record_done(&none);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_comes_back_whole, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(transactions_are_apart, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(lists_are_newest_first_by_state_and_page,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(a_list_does_not_lock_its_own_callback_out,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(pending_ones_are_counted_by_peer, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(sections_are_apart, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(who_has_most_is_known_over_all_servers,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(an_operators_do_not_count, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(another_under_the_same_transaction_is_seen,
						fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(requests_without_a_certificate_end_by_themselves,
						fixture_make, fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
