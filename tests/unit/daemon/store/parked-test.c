/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store/parked.h"
#include "tests/unit/daemon/store/fixture.h"

static struct store *store_of(void **state)
{
	return ((struct fixture *)*state)->store;
}

/* A message of @size bytes of this transaction, from a peer of this bucket. */
static struct ca_parked_record message_of(const char *transaction, uint64_t bucket, size_t size)
{
	struct ca_parked_record record = {
		.server = strdup(LABEL),
		.token = strdup("soft"),
		.transaction_id = copy_of(span_of_text(transaction)),
		.peer = strdup("192.0.2.1"),
		.peer_bucket = bucket,
		.type = 19,
		.received_s = NOW,
	};
	uint8_t *bytes = calloc(1, size + 1);

	memset(record.requester, 0x22, SHA256_SIZE);
	record.message = copy_of(SPAN(bytes, size));
	free(bytes);
	return record;
}

static int park(struct store *store, const char *transaction, uint64_t bucket, size_t size)
{
	_cleanup_(ca_parked_record_done) struct ca_parked_record record =
		message_of(transaction, bucket, size);

	return store_parked_put(store, &record);
}

static int64_t next(struct store *store, const char *token, int64_t after_id)
{
	_cleanup_(ca_parked_record_done) struct ca_parked_record record = {};
	int r = store_parked_next(store, token, after_id, &record);

	assert_true(r == 0 || r == STORE_NOT_FOUND);
	return record.id;
}

static int add_up(void *context, const struct store_parked_place *place)
{
	*(unsigned *)context += place->n;
	return 0;
}

static unsigned how_many(struct store *store)
{
	unsigned n = 0;

	assert_int_equal(store_parked_list(store, add_up, &n), 0);
	return n;
}

static void it_comes_back_as_it_was(void **state)
{
	_cleanup_(ca_parked_record_done) struct ca_parked_record put = message_of(
									 "t1", UINT64_MAX - 5, 300),
								 got = {};
	struct fixture *fixture = *state;

	put.type = 17;
	put.message.data[7] = 0xff;
	assert_int_equal(store_parked_put(fixture->store, &put), 0);
	fixture_reopen(fixture);
	assert_int_equal(store_parked_next(fixture->store, "soft", 0, &got), 0);
	assert_true(got.id > 0);
	assert_string_equal(got.server, LABEL);
	assert_string_equal(got.token, "soft");
	assert_true(span_equal(span_of(got.transaction_id), SPAN_LITERAL("t1")));
	assert_memory_equal(got.requester, put.requester, SHA256_SIZE);
	assert_string_equal(got.peer, "192.0.2.1");
	assert_true(got.peer_bucket == UINT64_MAX - 5);
	assert_int_equal(got.type, 17);
	assert_int_equal(got.received_s, NOW);
	assert_true(span_equal(span_of(got.message), span_of(put.message)));
	assert_int_equal(next(fixture->store, "soft", got.id), 0);
	assert_int_equal(next(fixture->store, "other", 0), 0);
}

/* The newest of a transaction stands, at the end of the row; another requester's is another. */
static void the_newest_takes_the_place(void **state)
{
	struct store *store = store_of(state);
	_cleanup_(ca_parked_record_done) struct ca_parked_record other = message_of("t1", 7, 10),
								 got = {};
	int64_t first, second;

	assert_int_equal(park(store, "t1", 7, 100), 0);
	assert_int_equal(park(store, "t2", 7, 100), 0);
	first = next(store, "soft", 0);
	second = next(store, "soft", first);
	assert_int_equal(park(store, "t1", 9, 200), 0);
	assert_int_equal(how_many(store), 2);
	assert_int_equal(next(store, "soft", 0), second);
	assert_int_equal(store_parked_next(store, "soft", second, &got), 0);
	assert_int_equal(got.message.size, 200);
	other.requester[0] ^= 1;
	assert_int_equal(store_parked_put(store, &other), 0);
	assert_int_equal(how_many(store), 3);
	/* Who had the first in hand meanwhile does not remove the one that came since. */
	assert_int_equal(store_parked_remove(store, first), 0);
	assert_int_equal(how_many(store), 3);
	assert_int_equal(store_parked_remove(store, got.id), 0);
	assert_int_equal(how_many(store), 2);
}

/* … nor makes another token's of it. */
static void it_may_wait_for_another_token(void **state)
{
	struct store *store = store_of(state);
	int64_t first, second;

	assert_int_equal(park(store, "t1", 7, 100), 0);
	first = next(store, "soft", 0);
	assert_int_equal(park(store, "t1", 7, 200), 0);
	second = next(store, "soft", 0);
	assert_true(second != first);
	assert_int_equal(store_parked_move(store, first, "usb"), 0);
	assert_int_equal(next(store, "usb", 0), 0);
	assert_int_equal(store_parked_move(store, second, "usb"), 0);
	assert_int_equal(next(store, "usb", 0), second);
	assert_int_equal(next(store, "soft", 0), 0);
	assert_int_equal(how_many(store), 1);
}

static void the_shares_are_told(void **state)
{
	struct store *store = store_of(state);
	_cleanup_(ca_parked_record_done) struct ca_parked_record newcomer =
		message_of("new", 7, 1000);
	struct store_parked_shares shares;

	assert_int_equal(store_parked_shares(store, &newcomer, &shares), 0);
	assert_true(!shares.number.all && !shares.bytes.all && !shares.newest_of_most);
	assert_int_equal(park(store, "a", 7, 100), 0);
	assert_int_equal(park(store, "b", 8, 10), 0);
	assert_int_equal(park(store, "c", 8, 20), 0);
	assert_int_equal(park(store, "d", 9, 5000), 0);
	assert_int_equal(store_parked_shares(store, &newcomer, &shares), 0);
	assert_int_equal(shares.number.all, 4);
	assert_int_equal(shares.bytes.all, 5130);
	assert_int_equal(shares.number.of_peer, 1);
	assert_int_equal(shares.bytes.of_peer, 100);
	assert_int_equal(shares.number.of_greatest, 2);
	assert_int_equal(shares.bytes.of_greatest, 5000);
	assert_int_equal(shares.newest_of_most, 3);
	assert_int_equal(shares.newest_of_largest, 4);
	/* What it takes the place of does not count. */
	newcomer.transaction_id.data[0] = 'a';
	newcomer.transaction_id.size = 1;
	assert_int_equal(store_parked_shares(store, &newcomer, &shares), 0);
	assert_int_equal(shares.number.all, 3);
	assert_int_equal(shares.number.of_peer, 0);
	assert_int_equal(shares.bytes.of_peer, 0);
	assert_int_equal(store_parked_remove(store, shares.newest_of_most), 0);
	assert_int_equal(store_parked_put(store, &newcomer), 0);
	assert_int_equal(how_many(store), 3);
	assert_int_equal(store_parked_shares(store, &newcomer, &shares), 0);
	assert_int_equal(shares.bytes.all, 5010);
}

struct places {
	unsigned n;
	struct {
		char token[16];
		unsigned n;
		int64_t oldest_s;
	} items[4];
};

static int note(void *context, const struct store_parked_place *place)
{
	struct places *places = context;

	assert_string_equal(place->server, LABEL);
	snprintf(places->items[places->n].token, sizeof(places->items[0].token), "%s",
		 place->token);
	places->items[places->n].n = place->n;
	places->items[places->n++].oldest_s = place->oldest_s;
	return 0;
}

static void what_waits_is_listed_and_ends(void **state)
{
	struct store *store = store_of(state);
	_cleanup_(ca_parked_record_done) struct ca_parked_record late = message_of("late", 7, 10);
	struct places places = {};
	unsigned n;

	assert_int_equal(park(store, "a", 7, 10), 0);
	assert_int_equal(park(store, "b", 7, 10), 0);
	free(late.token);
	late.token = strdup("usb");
	late.received_s = NOW + 60;
	assert_int_equal(store_parked_put(store, &late), 0);
	assert_int_equal(store_parked_list(store, note, &places), 0);
	assert_int_equal(places.n, 2);
	assert_string_equal(places.items[0].token, "soft");
	assert_int_equal(places.items[0].n, 2);
	assert_int_equal(places.items[0].oldest_s, NOW);
	assert_string_equal(places.items[1].token, "usb");
	assert_int_equal(places.items[1].n, 1);
	assert_int_equal(places.items[1].oldest_s, NOW + 60);
	assert_int_equal(store_parked_expire(store, "OTHER", NOW + 1000, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_parked_expire(store, LABEL, NOW, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(how_many(store), 1);
}

static void it_goes_with_its_server(void **state)
{
	struct store *store = store_of(state);
	struct store_change change = {.server = LABEL, .now_s = NOW, .delete_server = true};

	assert_int_equal(park(store, "a", 7, 10), 0);
	assert_int_equal(store_commit(store, &change), 0);
	assert_int_equal(how_many(store), 0);
	assert_int_equal(park(store, "a", 7, 10), STORE_NOT_FOUND);
}

static void the_authorized_are_counted(void **state)
{
	static const struct {
		const char *transaction;
		enum ca_request_state state;
	} requests[] = {{"a", CA_REQUEST_AUTHORIZED},
			{"b", CA_REQUEST_PENDING},
			{"c", CA_REQUEST_AUTHORIZED},
			{"d", CA_REQUEST_DENIED}};
	struct store *store = store_of(state);
	unsigned n, of_peer;

	for (size_t i = 0; i < ELEMENTS(requests); i++) {
		_cleanup_(ca_request_record_done) struct ca_request_record record =
			request_of(requests[i].transaction, 1);

		record.state = requests[i].state;
		record.peer_bucket = 7;
		assert_int_equal(commit_request(store, &record, 0), 0);
	}
	assert_int_equal(store_request_count_authorized(store, LABEL, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(store_request_count_authorized(store, "OTHER", &n), 0);
	assert_int_equal(n, 0);
	/* What waits for a token takes places of MaxPendingRequests=, too. */
	assert_int_equal(store_request_count_pending(store, 7, &n, &of_peer), 0);
	assert_int_equal(n, 3);
	assert_int_equal(of_peer, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_comes_back_as_it_was, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(the_newest_takes_the_place, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(it_may_wait_for_another_token, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(the_shares_are_told, fixture_make, fixture_drop),
		cmocka_unit_test_setup_teardown(what_waits_is_listed_and_ends, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(it_goes_with_its_server, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(the_authorized_are_counted, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
