/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/workers.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define PLACES 16

/* One worker, held at a gate, so that what waits behind it is known. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	bool open;
	int order[64];
	unsigned n_run, n_complete, n_waiting;
} bench = {.lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER};

struct numbered {
	struct job job;
	int number;
};

static void run(struct job *job)
{
	pthread_mutex_lock(&bench.lock);
	bench.n_waiting++;
	pthread_cond_broadcast(&bench.opened);
	while (!bench.open)
		pthread_cond_wait(&bench.opened, &bench.lock);
	bench.order[bench.n_run++] = ((struct numbered *)job)->number;
	pthread_mutex_unlock(&bench.lock);
}

static void complete(struct job *job)
{
	bench.n_complete++;
	free(job);
}

static int push(struct workers *workers, int number, uint64_t bucket, bool known)
{
	struct numbered *job = calloc(1, sizeof(*job));
	int r;

	assert_non_null(job);
	*job = (struct numbered){
		{.bucket = bucket, .known = known, .run = run, .complete = complete}, number};
	r = workers_push(workers, &job->job);
	if (r < 0)
		free(job);
	return r;
}

static void open_gate(void)
{
	pthread_mutex_lock(&bench.lock);
	bench.open = true;
	pthread_cond_broadcast(&bench.opened);
	pthread_mutex_unlock(&bench.lock);
}

static void set_up(sd_event **loop, struct workers **workers)
{
	bench.open = false;
	bench.n_run = bench.n_complete = bench.n_waiting = 0;
	assert_return_code(sd_event_new(loop), 0);
	assert_return_code(workers_new(*loop, 1, PLACES, workers), 0);
}

static void run_until(sd_event *loop, unsigned n_complete)
{
	while (bench.n_complete < n_complete)
		assert_return_code(sd_event_run(loop, UINT64_MAX), 0);
}

static void test_known_before_strangers(void **state)
{
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	struct workers *workers;

	(void)state;
	set_up(&loop, &workers);
	/* The first may be taken by the worker at once; all others wait behind the gate. */
	assert_return_code(push(workers, 0, 1, true), 0);
	assert_return_code(push(workers, 1, 1, false), 0);
	assert_return_code(push(workers, 2, 2, false), 0);
	assert_return_code(push(workers, 3, 3, true), 0);
	open_gate();
	run_until(loop, 4);
	assert_int_equal(bench.order[0], 0);
	assert_int_equal(bench.order[1], 3);
	assert_int_equal(bench.order[2], 1);
	assert_int_equal(bench.order[3], 2);
	workers_free(workers);
}

static void test_share_of_a_peer(void **state)
{
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	struct workers *workers;
	unsigned taken = 0, others = 0;

	(void)state;
	set_up(&loop, &workers);
	for (int i = 0; i < PLACES; i++)
		taken += push(workers, i, 7, false) == 0;
	/* An eighth of the places, and perhaps one that the worker holds already. */
	assert_in_range(taken, PLACES / 8, PLACES / 8 + 1);
	for (int i = 0; i < 4 * PLACES; i++)
		others += push(workers, i, 100 + (uint64_t)i, false) == 0;
	assert_in_range(taken + others, PLACES, PLACES + 1);
	assert_int_equal(push(workers, 99, 7, true), 0); /* the queue of known peers is another */
	open_gate();
	run_until(loop, taken + others + 1);
	workers_free(workers);
}

static void test_turns_are_taken(void **state)
{
	static const int expected[] = {0, 1, 10, 20, 2, 11, 3, 4};
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	struct workers *workers;

	(void)state;
	set_up(&loop, &workers);
	workers_take_turns(workers);
	/* Taken at once, so that the turns of all others count from it. */
	assert_return_code(push(workers, 0, 9, false), 0);
	pthread_mutex_lock(&bench.lock);
	while (!bench.n_waiting)
		pthread_cond_wait(&bench.opened, &bench.lock);
	pthread_mutex_unlock(&bench.lock);
	for (int i = 1; i <= 4; i++)
		assert_return_code(push(workers, i, 1, false), 0);
	assert_return_code(push(workers, 10, 2, false), 0);
	assert_return_code(push(workers, 11, 2, false), 0);
	assert_return_code(push(workers, 20, 3, false), 0);
	open_gate();
	run_until(loop, 8);
	for (size_t i = 0; i < ELEMENTS(expected); i++)
		assert_int_equal(bench.order[i], expected[i]);
	workers_free(workers);
}

static void test_who_takes_turns_has_no_share(void **state)
{
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	struct workers *workers;
	unsigned taken = 0;

	(void)state;
	set_up(&loop, &workers);
	workers_take_turns(workers);
	for (int i = 0; i < 2 * PLACES; i++)
		taken += push(workers, i, 7, false) == 0;
	assert_in_range(taken, PLACES, PLACES + 1);
	open_gate();
	run_until(loop, taken);
	workers_free(workers);
}

static void test_stop_completes_what_waits(void **state)
{
	_cleanup_(sd_event_unrefp) sd_event *loop = NULL;
	struct workers *workers;

	(void)state;
	set_up(&loop, &workers);
	open_gate();
	for (int i = 0; i < 8; i++)
		assert_return_code(push(workers, i, 100 + (uint64_t)i, false), 0);
	workers_free(workers);
	assert_int_equal(bench.n_complete, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_before_strangers),
		cmocka_unit_test(test_share_of_a_peer),
		cmocka_unit_test(test_turns_are_taken),
		cmocka_unit_test(test_who_takes_turns_has_no_share),
		cmocka_unit_test(test_stop_completes_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
