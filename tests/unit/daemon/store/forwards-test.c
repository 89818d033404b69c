/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/daemon/store/fixture.h"

static struct store *store_of(void **state)
{
	return ((struct fixture *)*state)->store;
}

static int commit(struct store *store, struct store_change change)
{
	change.server = LABEL;
	change.now_s = NOW;
	if (change.request && !change.request->id)
		change.request_range = (struct ca_generation_range){1, 1};
	return store_commit(store, &change);
}

/* An authorised request with its forward, both recorded. */
static void pass_on(struct store *store, const char *transaction, uint64_t bucket,
		    struct ca_request_record *ret_request, struct ca_forward_record *ret)
{
	*ret_request = request_of(transaction, 1);
	ret_request->state = CA_REQUEST_AUTHORIZED;
	ret_request->generation = 1;
	ret_request->peer_bucket = bucket;
	ret_request->expires_s = NOW + 1000;
	*ret = (struct ca_forward_record){
		.state = CA_FORWARD_NEW,
		.client = copy_of(SPAN_LITERAL("a client's")),
		.created_s = NOW,
	};
	assert_int_equal(
		commit(store, (struct store_change){.request = ret_request, .forward = ret}), 0);
	assert_true(ret->id > 0);
	assert_int_equal(ret->request_id, ret_request->id);
}

static bool stands(struct store *store, int64_t request_id)
{
	_cleanup_(ca_forward_record_done) struct ca_forward_record found = {};
	int r = store_forward_load(store, LABEL, request_id, &found);

	assert_true(r == 0 || r == STORE_NOT_FOUND);
	return r == 0;
}

static int count(void *context, const struct store_forward_place *place)
{
	unsigned *n = context;

	assert_string_equal(place->server, LABEL);
	(*n)++;
	return 0;
}

static unsigned how_many(struct store *store)
{
	unsigned n = 0;

	assert_int_equal(store_forward_list(store, count, &n), 0);
	return n;
}

static int look(void *context, const struct store_forward_place *place)
{
	*(struct store_forward_place *)context = *place;
	return 0;
}

static void a_forward_keeps_all_that_it_has(void **state)
{
	struct store *store = store_of(state);
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	_cleanup_(ca_forward_record_done) struct ca_forward_record made = {}, found = {};
	struct store_forward_place place = {};

	pass_on(store, "t1", 7, &request, &made);
	made.state = CA_FORWARD_PENDING;
	made.exchange_id = 4;
	made.generation_id = 5;
	made.message = copy_of(SPAN_LITERAL("message\0with a NUL"));
	made.transaction_id = copy_of(SPAN_LITERAL("0123"));
	made.sender_nonce = copy_of(SPAN_LITERAL("nonce"));
	made.tries = 3;
	made.tried_s = NOW + 60;
	made.told = strdup("the CA waits");
	assert_int_equal(commit(store, (struct store_change){.forward = &made}), 0);
	assert_int_equal(store_forward_load(store, LABEL, request.id, &found), 0);
	assert_int_equal(found.id, made.id);
	assert_int_equal(found.request_id, request.id);
	assert_int_equal(found.state, CA_FORWARD_PENDING);
	assert_true(span_equal(span_of(found.client), SPAN_LITERAL("a client's")));
	assert_int_equal(found.exchange_id, 4);
	assert_int_equal(found.generation_id, 5);
	assert_true(span_equal(span_of(found.message), SPAN_LITERAL("message\0with a NUL")));
	assert_true(span_equal(span_of(found.transaction_id), SPAN_LITERAL("0123")));
	assert_true(span_equal(span_of(found.sender_nonce), SPAN_LITERAL("nonce")));
	assert_int_equal(found.created_s, NOW);
	assert_int_equal(found.tries, 3);
	assert_int_equal(found.tried_s, NOW + 60);
	assert_string_equal(found.told, "the CA waits");
	assert_int_equal(store_forward_list(store, look, &place), 0);
	assert_int_equal(place.id, made.id);
	assert_int_equal(place.request_id, request.id);
	assert_int_equal(ca_forward_due_s(&place.forward), ca_forward_due_s(&made));
	assert_int_equal(store_forward_load(store, "OTHER", request.id, &found), STORE_NOT_FOUND);
}

/* Whatever ends the request's wait for its CA ends the forward: nobody sends for it any more. */
static void it_goes_with_the_state_of_its_request(void **state)
{
	struct store *store = store_of(state);
	_cleanup_(ca_request_record_done) struct ca_request_record denied = {}, removed = {},
								   superseded = {}, newer = {};
	_cleanup_(ca_forward_record_done) struct ca_forward_record a = {}, b = {}, c = {};

	pass_on(store, "denied", 7, &denied, &a);
	pass_on(store, "removed", 7, &removed, &b);
	pass_on(store, "superseded", 7, &superseded, &c);
	assert_int_equal(how_many(store), 3);
	denied.state = CA_REQUEST_DENIED;
	assert_int_equal(commit(store, (struct store_change){.request = &denied}), 0);
	assert_false(stands(store, denied.id));
	assert_int_equal(commit(store, (struct store_change){.remove_request = removed.id}), 0);
	assert_false(stands(store, removed.id));
	newer = request_of("superseded", 1);
	newer.generation = 1;
	assert_int_equal(commit(store, (struct store_change){.request = &newer,
							     .expected_newest = superseded.id,
							     .superseded = superseded.id}),
			 0);
	assert_int_equal(how_many(store), 0);
	/* Whoever had it in hand meanwhile can't bring it back. */
	assert_int_equal(commit(store, (struct store_change){.forward = &a}), STORE_CHANGED);
	assert_int_equal(commit(store, (struct store_change){.forward = &b}), STORE_CHANGED);
	assert_int_equal(how_many(store), 0);
}

static void it_goes_with_the_end_of_its_request(void **state)
{
	struct store *store = store_of(state);
	_cleanup_(ca_request_record_done) struct ca_request_record request = {};
	_cleanup_(ca_forward_record_done) struct ca_forward_record forward = {};
	unsigned expired;

	pass_on(store, "old", 7, &request, &forward);
	assert_int_equal(store_request_expire(store, LABEL, NOW + 1000, &expired), 0);
	assert_int_equal(expired, 1);
	assert_int_equal(how_many(store), 0);
}

/* Strangers could fill the disk by an RA that authorises everybody while its CA is away. */
static void what_is_passed_on_counts_as_waiting(void **state)
{
	struct store *store = store_of(state);
	_cleanup_(ca_request_record_done) struct ca_request_record one = {}, other = {};
	_cleanup_(ca_forward_record_done) struct ca_forward_record a = {}, b = {};
	unsigned all, of_bucket;

	pass_on(store, "one", 7, &one, &a);
	pass_on(store, "other", 8, &other, &b);
	assert_int_equal(store_request_count_pending(store, 7, &all, &of_bucket), 0);
	assert_int_equal(all, 2);
	assert_int_equal(of_bucket, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_forward_keeps_all_that_it_has, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(it_goes_with_the_state_of_its_request, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(it_goes_with_the_end_of_its_request, fixture_make,
						fixture_drop),
		cmocka_unit_test_setup_teardown(what_is_passed_on_counts_as_waiting, fixture_make,
						fixture_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
