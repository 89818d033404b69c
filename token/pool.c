/* SPDX-License-Identifier: Apache-2.0 */
#include "token/pool.h"
#include "daemon/base/clock.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#define SEATS_MAX 64

struct seat {
	struct pool *pool;
	unsigned number;
	pthread_t thread;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wake; /* there is a job, or the end */
	int ended_fd;	     /* counts up with each thread that ends */
	struct pool_job *first, *last;
	size_t waiting, most;
	unsigned n_seats;
	bool stopping;
	struct seat seats[SEATS_MAX];
};

static struct pool_job *take(struct pool *pool)
{
	struct pool_job *job = pool->first;

	pool->first = job->next;
	if (!pool->first)
		pool->last = NULL;
	pool->waiting--;
	return job;
}

static void *work(void *argument)
{
	struct seat *seat = argument;
	struct pool *pool = seat->pool;
	struct pool_job *job;

	pthread_mutex_lock(&pool->lock);
	while (!pool->stopping) {
		if (!pool->first) {
			pthread_cond_wait(&pool->wake, &pool->lock);
			continue;
		}
		job = take(pool);
		pthread_mutex_unlock(&pool->lock);
		job->run(job, seat->number);
		pthread_mutex_lock(&pool->lock);
	}
	(void)eventfd_write(pool->ended_fd, 1);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static int start_thread(struct pool *pool)
{
	struct seat *seat = &pool->seats[pool->n_seats];
	int r;

	*seat = (struct seat){.pool = pool, .number = pool->n_seats};
	r = pthread_create(&seat->thread, NULL, work, seat);
	if (r == 0)
		pool->n_seats++;
	return -r;
}

static void pool_free(struct pool *pool)
{
	closep(&pool->ended_fd);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->wake);
	free(pool);
}

int pool_new(size_t most, struct pool **ret)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	int r;

	if (!pool)
		return -ENOMEM;
	pool->most = most;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	pool->ended_fd = eventfd(0, EFD_CLOEXEC);
	r = pool->ended_fd < 0 ? -errno : start_thread(pool);
	if (r < 0)
		pool_free(pool);
	else
		*ret = pool;
	return r;
}

int pool_grow(struct pool *pool, unsigned seats)
{
	int r = 0;

	pthread_mutex_lock(&pool->lock);
	while (r == 0 && pool->n_seats < seats && pool->n_seats < SEATS_MAX)
		r = start_thread(pool);
	pthread_mutex_unlock(&pool->lock);
	return r;
}

int pool_submit(struct pool *pool, struct pool_job *job)
{
	int r = 0;

	job->next = NULL;
	pthread_mutex_lock(&pool->lock);
	if (pool->waiting >= pool->most || pool->stopping) {
		r = -EAGAIN;
	} else {
		*(pool->last ? &pool->last->next : &pool->first) = job;
		pool->last = job;
		pool->waiting++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (r == 0)
		pthread_cond_signal(&pool->wake);
	return r;
}

void pool_submit_first(struct pool *pool, struct pool_job *job)
{
	pthread_mutex_lock(&pool->lock);
	job->next = pool->first;
	pool->first = job;
	if (!pool->last)
		pool->last = job;
	pool->waiting++;
	pthread_cond_signal(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
}

static int wait_for_end(struct pool *pool, int64_t timeout_ms)
{
	int64_t until_ms = clock_monotonic_ms() + timeout_ms;
	struct pollfd ended = {pool->ended_fd, POLLIN, 0};
	unsigned left = pool->n_seats;
	eventfd_t n;

	while (left > 0) {
		int64_t left_ms = until_ms - clock_monotonic_ms();
		if (left_ms <= 0)
			return -ETIMEDOUT;
		if (poll(&ended, 1, (int)left_ms) == 1 && eventfd_read(pool->ended_fd, &n) == 0)
			left -= (unsigned)n;
	}
	return 0;
}

int pool_stop(struct pool *pool, int64_t timeout_ms)
{
	struct pool_job *job;
	int r;

	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	while (pool->first) {
		job = take(pool);
		job->drop(job);
	}
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	r = wait_for_end(pool, timeout_ms);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < pool->n_seats; i++)
		(void)pthread_join(pool->seats[i].thread, NULL);
	pool_free(pool);
	return 0;
}
