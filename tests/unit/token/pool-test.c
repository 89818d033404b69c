/* SPDX-License-Identifier: Apache-2.0 */
#include "token/pool.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

/* Jobs that note their order, and a gate that keeps them from ending. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t arrived;
static atomic_uint done, dropped, order, seats_seen;

struct job {
	struct pool_job job;
	bool waits;
	unsigned place; /* in which it was done, from 1 */
};

static void run(struct pool_job *job, unsigned seat)
{
	struct job *own = (struct job *)job;

	if (own->waits) {
		(void)pthread_barrier_wait(&arrived);
		pthread_mutex_lock(&gate);
		pthread_mutex_unlock(&gate);
	}
	atomic_fetch_or(&seats_seen, 1u << seat);
	own->place = atomic_fetch_add(&order, 1) + 1;
	atomic_fetch_add(&done, 1);
}

static void drop(struct pool_job *job)
{
	(void)job;
	atomic_fetch_add(&dropped, 1);
}

static struct job make_job(bool waits)
{
	return (struct job){.job = {.run = run, .drop = drop}, .waits = waits};
}

static int reset(void **state)
{
	(void)state;
	atomic_store(&done, 0);
	atomic_store(&dropped, 0);
	atomic_store(&order, 0);
	atomic_store(&seats_seen, 0);
	return 0;
}

static void jobs_run_in_order_and_urgent_ones_before(void **state)
{
	struct job blocker = make_job(true), one = make_job(false), two = make_job(false),
		   urgent = make_job(false), last = make_job(true);
	struct pool *pool;

	(void)state;
	(void)pthread_barrier_init(&arrived, NULL, 2);
	assert_int_equal(pool_new(10, &pool), 0);
	pthread_mutex_lock(&gate);
	assert_int_equal(pool_submit(pool, &blocker.job), 0);
	(void)pthread_barrier_wait(&arrived);
	assert_int_equal(pool_submit(pool, &one.job), 0);
	assert_int_equal(pool_submit(pool, &two.job), 0);
	pool_submit_first(pool, &urgent.job);
	assert_int_equal(pool_submit(pool, &last.job), 0);
	pthread_mutex_unlock(&gate);
	(void)pthread_barrier_wait(&arrived);
	assert_int_equal(pool_stop(pool, 10000), 0);
	assert_int_equal(blocker.place, 1);
	assert_int_equal(urgent.place, 2);
	assert_int_equal(one.place, 3);
	assert_int_equal(two.place, 4);
	(void)pthread_barrier_destroy(&arrived);
}

static void the_queue_is_bounded(void **state)
{
	struct job blocker = make_job(true), waiting[3], more = make_job(false);
	struct pool *pool;

	(void)state;
	(void)pthread_barrier_init(&arrived, NULL, 2);
	assert_int_equal(pool_new(3, &pool), 0);
	pthread_mutex_lock(&gate);
	assert_int_equal(pool_submit(pool, &blocker.job), 0);
	(void)pthread_barrier_wait(&arrived);
	for (int i = 0; i < 3; i++) {
		waiting[i] = make_job(false);
		assert_int_equal(pool_submit(pool, &waiting[i].job), 0);
	}
	assert_int_equal(pool_submit(pool, &more.job), -EAGAIN);
	/* The token's own upkeep gets in nevertheless. */
	pool_submit_first(pool, &more.job);
	pthread_mutex_unlock(&gate);
	assert_int_equal(pool_stop(pool, 10000), 0);
	/* What was not begun by the end is dropped, and nothing is lost. */
	assert_int_equal(atomic_load(&done) + atomic_load(&dropped), 5);
	(void)pthread_barrier_destroy(&arrived);
}

static void it_grows_to_as_many_threads_as_asked(void **state)
{
	struct job jobs[8];
	struct pool *pool;

	(void)state;
	(void)pthread_barrier_init(&arrived, NULL, 9);
	assert_int_equal(pool_new(10, &pool), 0);
	assert_int_equal(pool_grow(pool, 8), 0);
	assert_int_equal(pool_grow(pool, 2), 0);
	for (int i = 0; i < 8; i++) {
		jobs[i] = make_job(true);
		assert_int_equal(pool_submit(pool, &jobs[i].job), 0);
	}
	/* All eight are at work at once, or nobody passes this. */
	(void)pthread_barrier_wait(&arrived);
	assert_int_equal(pool_stop(pool, 10000), 0);
	assert_int_equal(atomic_load(&seats_seen), 0xff);
	(void)pthread_barrier_destroy(&arrived);
}

static void a_thread_that_does_not_end_is_told(void **state)
{
	/* The pool is not freed, since its thread may still use it. */
	static struct job blocker;
	static struct pool *pool;

	(void)state;
	(void)pthread_barrier_init(&arrived, NULL, 2);
	blocker = make_job(true);
	assert_int_equal(pool_new(10, &pool), 0);
	pthread_mutex_lock(&gate);
	assert_int_equal(pool_submit(pool, &blocker.job), 0);
	(void)pthread_barrier_wait(&arrived);
	assert_int_equal(pool_stop(pool, 20), -ETIMEDOUT);
	pthread_mutex_unlock(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(jobs_run_in_order_and_urgent_ones_before, reset),
		cmocka_unit_test_setup(the_queue_is_bounded, reset),
		cmocka_unit_test_setup(it_grows_to_as_many_threads_as_asked, reset),
		cmocka_unit_test_setup(a_thread_that_does_not_end_is_told, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
