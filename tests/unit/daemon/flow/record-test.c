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
		cmocka_unit_test(refusals_are_kept_within_bounds),
		cmocka_unit_test(so_is_what_was_superseded),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
