/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/held.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define PLACES 256
#define SHARE  32

/* What became of the jobs of a test. */
static struct {
	unsigned n_run, n_complete, n_given_up;
} seen;

static struct {
	struct conf conf;
	struct flow flow;
	struct daemon daemon;
	struct workers *workers;
	struct held *held;
} bench;

static void run(struct job *job)
{
	(void)job;
	seen.n_run++;
}

static void complete(struct job *job)
{
	seen.n_complete++;
	free(job);
}

static void give_up(struct held_job *job)
{
	seen.n_given_up++;
	free(job);
}

static void bench_open(int64_t hold_for_s)
{
	seen.n_run = seen.n_complete = seen.n_given_up = 0;
	bench.conf.daemon.hold_for_s = hold_for_s;
	bench.flow.conf = &bench.conf;
	bench.daemon.flow = &bench.flow;
	assert_int_equal(sd_event_new(&bench.daemon.loop), 0);
	assert_int_equal(workers_new(bench.daemon.loop, 1, PLACES, &bench.workers), 0);
	assert_int_equal(held_new(&bench.daemon, &bench.held), 0);
}

static void bench_close(void)
{
	held_give_up(bench.held);
	workers_free(bench.workers);
	held_free(bench.held);
	sd_event_unref(bench.daemon.loop);
}

static void put(uint64_t bucket)
{
	struct held_job *job = calloc(1, sizeof(*job));

	assert_non_null(job);
	*job = (struct held_job){
		.job = {.bucket = bucket, .run = run, .complete = complete},
		.workers = bench.workers,
		.give_up = give_up,
	};
	held_put(bench.held, job);
}

/* HoldFor=0: nobody waits. */
static void without_time_it_is_given_up_at_once(void **state)
{
	(void)state;
	bench_open(0);
	put(1);
	assert_int_equal(seen.n_given_up, 1);
	bench_close();
	assert_int_equal(seen.n_run, 0);
}

static void what_waits_is_tried_again(void **state)
{
	(void)state;
	bench_open(3600);
	put(1);
	put(2);
	while (seen.n_complete < 2)
		assert_true(sd_event_run(bench.daemon.loop, UINT64_MAX) >= 0);
	assert_int_equal(seen.n_run, 2);
	put(3);
	while (seen.n_complete < 3)
		assert_true(sd_event_run(bench.daemon.loop, UINT64_MAX) >= 0);
	assert_int_equal(seen.n_given_up, 0);
	bench_close();
}

static void a_peer_holds_an_eighth(void **state)
{
	(void)state;
	bench_open(3600);
	for (unsigned i = 0; i < SHARE; i++)
		put(1);
	assert_int_equal(seen.n_given_up, 0);
	put(1);
	assert_int_equal(seen.n_given_up, 1);
	for (unsigned i = SHARE; i < PLACES; i++)
		put(i + 1);
	assert_int_equal(seen.n_given_up, 1);
	put(2);
	assert_int_equal(seen.n_given_up, 2);
	bench_close();
	assert_int_equal(seen.n_given_up, 2 + PLACES);
}

/* Its time was over while it stood in the queue. */
static void one_that_is_late_is_told_so(void **state)
{
	struct held_job never = {}, late = {.deadline_ms = 1}, early = {.deadline_ms = INT64_MAX};

	(void)state;
	assert_false(held_is_late(&never));
	assert_true(held_is_late(&late));
	assert_false(held_is_late(&early));
}

static void after_the_end_nothing_waits(void **state)
{
	(void)state;
	bench_open(3600);
	put(1);
	held_give_up(bench.held);
	assert_int_equal(seen.n_given_up, 1);
	put(1);
	assert_int_equal(seen.n_given_up, 2);
	bench_close();
	assert_int_equal(seen.n_run, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_time_it_is_given_up_at_once),
		cmocka_unit_test(what_waits_is_tried_again),
		cmocka_unit_test(a_peer_holds_an_eighth),
		cmocka_unit_test(one_that_is_late_is_told_so),
		cmocka_unit_test(after_the_end_nothing_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
