/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static int cuts[64];
static size_t n_cuts;

static void cut(int fd)
{
	assert_true(n_cuts < ELEMENTS(cuts));
	cuts[n_cuts++] = fd;
}

static const struct guard_limits limits = {
	.phase_ms = {[GUARD_HEAD] = 10000, [GUARD_BODY] = 30000, [GUARD_REPLY] = 20000},
	.per_peer = 3,
	.total = 5,
	.cut = cut,
};

static struct guard_entry *start(struct guard *guard, int fd, const char *address, int64_t now_ms)
{
	struct sockaddr_storage peer = {0};
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&peer;

	in6->sin6_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, address, &in6->sin6_addr), 1);
	struct guard_entry *entry = guard_start(guard, fd, (struct sockaddr *)&peer, now_ms);
	assert_non_null(entry);
	return entry;
}

static struct guard *fresh(void)
{
	struct guard *guard;

	n_cuts = 0;
	assert_int_equal(guard_new(&limits, &guard), 0);
	return guard;
}

static void expect_cuts(size_t n, const int *fds)
{
	assert_int_equal(n_cuts, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(cuts[i], fds[i]);
	n_cuts = 0;
}

static void a_time_for_each_phase(void **state)
{
	(void)state;
	_cleanup_(guard_freep) struct guard *guard = fresh();
	struct guard_entry *a = start(guard, 1, "::1", 0), *b = start(guard, 2, "::2", 100);

	assert_int_equal(guard_sweep(guard, 9999), 10000);
	assert_int_equal(n_cuts, 0);
	guard_enter(guard, a, GUARD_BODY, 9999);
	assert_int_equal(guard_sweep(guard, 10099), 10100);
	assert_int_equal(guard_sweep(guard, 10100), 39999);
	expect_cuts(1, (int[]){2});
	/* Whatever it does after that, it is cut once. */
	guard_enter(guard, b, GUARD_BODY, 10101);
	assert_int_equal(guard_sweep(guard, 39998), 39999);
	assert_int_equal(n_cuts, 0);
	guard_enter(guard, a, GUARD_WORK, 39998);
	assert_int_equal(guard_sweep(guard, 39998 + 1000000), INT64_MAX);
	guard_enter(guard, a, GUARD_REPLY, 50000);
	assert_int_equal(guard_sweep(guard, 69999), 70000);
	guard_enter(guard, a, GUARD_HEAD, 69999);
	assert_int_equal(guard_sweep(guard, 79998), 79999);
	assert_int_equal(n_cuts, 0);
	guard_sweep(guard, 79999);
	expect_cuts(1, (int[]){1});
	guard_end(guard, a);
	guard_end(guard, b);
}

static void a_peer_with_too_many_loses_its_oldest_idle_one(void **state)
{
	(void)state;
	_cleanup_(guard_freep) struct guard *guard = fresh();
	struct guard_entry *entries[6];

	for (int i = 0; i < 3; i++)
		entries[i] = start(guard, i, "2001:db8::1", i);
	guard_enter(guard, entries[0], GUARD_BODY, 5);
	assert_int_equal(n_cuts, 0);
	/* The same /64 is the same peer; its first connection is at work and stays. */
	entries[3] = start(guard, 3, "2001:db8::2", 10);
	expect_cuts(1, (int[]){1});
	/* Another peer is untouched by that. */
	entries[4] = start(guard, 4, "2001:db8:0:1::1", 11);
	assert_int_equal(n_cuts, 0);
	for (size_t i = 0; i < 5; i++)
		guard_end(guard, entries[i]);
}

static void a_peer_whose_connections_all_work_gets_no_more(void **state)
{
	(void)state;
	_cleanup_(guard_freep) struct guard *guard = fresh();
	struct guard_entry *entries[4];

	for (int i = 0; i < 3; i++) {
		entries[i] = start(guard, i, "::ffff:192.0.2.1", i);
		guard_enter(guard, entries[i], GUARD_WORK, i);
	}
	entries[3] = start(guard, 3, "::ffff:192.0.2.1", 10);
	expect_cuts(1, (int[]){3});
	guard_end(guard, entries[3]);
	/* IPv4 peers are told apart by the whole address. */
	entries[3] = start(guard, 4, "::ffff:192.0.2.2", 11);
	assert_int_equal(n_cuts, 0);
	for (size_t i = 0; i < 4; i++)
		guard_end(guard, entries[i]);
}

static void in_a_crowd_the_longest_idle_goes(void **state)
{
	(void)state;
	_cleanup_(guard_freep) struct guard *guard = fresh();
	struct guard_entry *entries[7];
	static const char *const peers[] = {"::ffff:10.0.0.1", "::ffff:10.0.0.2", "::ffff:10.0.0.3",
					    "::ffff:10.0.0.4", "::ffff:10.0.0.5", "::ffff:10.0.0.6",
					    "::ffff:10.0.0.7"};
	unsigned all, busy;

	for (int i = 0; i < 5; i++)
		entries[i] = start(guard, i, peers[i], i);
	guard_enter(guard, entries[0], GUARD_REPLY, 6);
	entries[5] = start(guard, 5, peers[5], 7);
	expect_cuts(1, (int[]){1});
	guard_end(guard, entries[1]);
	entries[6] = start(guard, 6, peers[6], 8);
	expect_cuts(1, (int[]){2});
	guard_count(guard, &all, &busy);
	assert_int_equal(all, 6);
	assert_int_equal(busy, 1);
	entries[1] = entries[6];
	for (size_t i = 0; i < 6; i++)
		guard_end(guard, entries[i]);
	guard_count(guard, &all, &busy);
	assert_int_equal(all, 0);
	assert_int_equal(busy, 0);
}

static void draining(void **state)
{
	(void)state;
	_cleanup_(guard_freep) struct guard *guard = fresh();
	struct guard_entry *a = start(guard, 1, "::1", 0), *b = start(guard, 2, "::2", 0);
	unsigned all, busy;

	guard_enter(guard, b, GUARD_WORK, 1);
	guard_drain(guard);
	expect_cuts(1, (int[]){1});
	struct guard_entry *c = start(guard, 3, "::3", 2);
	expect_cuts(1, (int[]){3});
	guard_enter(guard, b, GUARD_REPLY, 3);
	guard_count(guard, &all, &busy);
	assert_int_equal(all, 3);
	assert_int_equal(busy, 1);
	guard_enter(guard, b, GUARD_HEAD, 4);
	expect_cuts(1, (int[]){2});
	guard_count(guard, &all, &busy);
	assert_int_equal(busy, 0);
	guard_end(guard, a);
	guard_end(guard, b);
	guard_end(guard, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_for_each_phase),
		cmocka_unit_test(a_peer_with_too_many_loses_its_oldest_idle_one),
		cmocka_unit_test(a_peer_whose_connections_all_work_gets_no_more),
		cmocka_unit_test(in_a_crowd_the_longest_idle_goes),
		cmocka_unit_test(draining),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
