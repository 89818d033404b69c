/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the request database a peer and all of them get. */
#include "tests/unit/daemon/flow/world.h"

/* An eighth of 16 is two; the rest is for others, until that is full too. */
static void a_peer_gets_an_eighth(void **state)
{
	static const char *const transactions[] = {"a", "b", "c"};
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("MaxPendingRequests=16", "");
	for (size_t i = 0; i < ELEMENTS(transactions); i++) {
		router.transaction = transactions[i];
		if (i < 2)
			expect(enroll(&router, NULL), PENDING, -1);
		else
			expect_http(enroll(&router, NULL), 503);
	}
	router.peer = "192.0.2.2";
	expect(enroll(&router, NULL), PENDING, -1);
	router_done(&router);
	world_close();
}

/* One IPv6 host has all of a /64 to come from. */
static void so_does_a_network_of_one_host(void **state)
{
	static const char *const peers[] = {"2001:db8:1:2::1", "2001:db8:1:2::2",
					    "2001:db8:1:2::3"};
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("MaxPendingRequests=16", "");
	for (size_t i = 0; i < ELEMENTS(peers); i++) {
		router.peer = router.transaction = peers[i];
		if (i < 2)
			expect(enroll(&router, NULL), PENDING, -1);
		else
			expect_http(enroll(&router, NULL), 503);
	}
	router.peer = "2001:db8:1:3::1";
	expect(enroll(&router, NULL), PENDING, -1);
	router_done(&router);
	world_close();
}

static void all_of_them_get_no_more_than_there_is(void **state)
{
	static const char *const peers[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("MaxPendingRequests=2", "");
	for (size_t i = 0; i < ELEMENTS(peers); i++) {
		router.peer = router.transaction = peers[i];
		if (i < 2)
			expect(enroll(&router, NULL), PENDING, -1);
		else
			expect_http(enroll(&router, NULL), 503);
	}
	assert_int_equal(outcome_of_grant(newest()), 0);
	expect(enroll(&router, NULL), PENDING, -1);
	router_done(&router);
	world_close();
}

/* Four of the first peer's fill it; others get in until nobody has more than one above them. */
static void a_flood_yields_to_others(void **state)
{
	struct router router = router_of(0, "r1", "a");
	static const char *const others[] = {"b", "c", "d"};

	(void)state;
	world_open("MaxPendingRequests=32", "");
	for (unsigned i = 0; i < 32; i++) {
		char peer[16], transaction[8];

		snprintf(peer, sizeof(peer), "192.0.2.%u", i / 4);
		snprintf(transaction, sizeof(transaction), "%u", i);
		router.peer = peer;
		router.transaction = transaction;
		expect(enroll(&router, NULL), PENDING, -1);
	}
	router.peer = "192.0.2.99";
	for (size_t i = 0; i < ELEMENTS(others); i++) {
		router.transaction = others[i];
		if (i < 3)
			expect(enroll(&router, NULL), PENDING, -1);
	}
	assert_int_equal(audited("MaxPendingRequests="), 3);
	router.transaction = "e";
	expect_http(enroll(&router, NULL), 503);
	router_done(&router);
	world_close();
}

/* A transaction of this requester's that shares its claim with @other. */
static void share_claim(const struct ca_request_record *other, char ret[static 16])
{
	struct claims *claims = world.flow->claims;
	pthread_mutex_t *first, *second;
	unsigned n = 0;

	first = claim_take_transaction(claims, span_of(other->transaction_id), other->requester);
	do {
		snprintf(ret, 16, "c%u", n++);
		second = claim_try_transaction(claims, span_of_text(ret), other->requester);
		claim_releasep(&second);
	} while (!claim_covers_transaction(claims, first, span_of_text(ret), other->requester));
	claim_releasep(&first);
}

/* Who yields may have the very claim that the newcomer holds: there are fewer claims than names. */
static void a_shared_claim_is_no_obstacle(void **state)
{
	_cleanup_(ca_request_record_done) struct ca_request_record greatest = {};
	struct router router = router_of(0, "r1", "a");
	char peer[16], transaction[16];

	(void)state;
	world_open("MaxPendingRequests=16", "");
	router.peer = peer;
	router.transaction = transaction;
	for (unsigned i = 0; i < 16; i++) {
		snprintf(peer, sizeof(peer), "192.0.2.%u", i ? i : 1);
		snprintf(transaction, sizeof(transaction), "%u", i);
		expect(enroll(&router, NULL), PENDING, -1);
	}
	assert_int_equal(store_request_load(world.flow->store, "CA", newest() - 14, &greatest), 0);
	share_claim(&greatest, transaction);
	router.peer = "192.0.2.99";
	expect(enroll(&router, NULL), PENDING, -1);
	assert_int_equal(state_of(greatest.id), CA_REQUEST_DENIED);
	router_done(&router);
	world_close();
}

static int count(void *context, const struct ca_request_record *record)
{
	(void)record;
	++*(unsigned *)context;
	return 0;
}

static unsigned requests(void)
{
	const struct store_request_filter filter = {};
	unsigned n = 0;

	assert_int_equal(store_request_list(world.flow->store, "CA", &filter, count, &n), 0);
	return n;
}

/* Every refusal is answered; only so many are kept. */
static void refusals_are_kept_within_bounds(void **state)
{
	struct router router = router_of(0, "r1", "t1");

	(void)state;
	world_open("MaxPendingRequests=3", "Grant=none");
	for (unsigned i = 0; i < 6; i++)
		expect(enroll(&router, NULL), FAILURE, SCEP_BAD_REQUEST);
	assert_int_equal(requests(), 3);
	router_done(&router);
	world_close();
}

/* Nor does superseding oneself without end fill the disk. */
static void so_is_what_was_superseded(void **state)
{
	struct router router = router_of(0, "r1", "t1");
	char challenge[] = "0";

	(void)state;
	world_open("MaxPendingRequests=3", "");
	for (unsigned i = 0; i < 6; i++) {
		challenge[0]++;
		if (i < 4)
			expect(enroll(&router, challenge), PENDING, -1);
		else
			expect_http(enroll(&router, challenge), 503);
	}
	assert_int_equal(requests(), 4);
	router_done(&router);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_gets_an_eighth),
		cmocka_unit_test(so_does_a_network_of_one_host),
		cmocka_unit_test(all_of_them_get_no_more_than_there_is),
		cmocka_unit_test(a_flood_yields_to_others),
		cmocka_unit_test(a_shared_claim_is_no_obstacle),
		cmocka_unit_test(refusals_are_kept_within_bounds),
		cmocka_unit_test(so_is_what_was_superseded),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
