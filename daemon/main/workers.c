/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/main/workers.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PEER_SHARE 8

struct queue {
	struct job *first, **last;
	unsigned n;
};

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct queue known, strangers, done;
	unsigned places;
	bool turns;    /* they are taken: queues are in the order of turns */
	uint64_t turn; /* of the job that was taken last */
	bool stopping;
	pthread_t *threads;
	unsigned n_threads;
	int done_fd;
	sd_event_source *done_source;
};

static void queue_init(struct queue *queue)
{
	*queue = (struct queue){.last = &queue->first};
}

static void queue_put(struct queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->last = job;
	queue->last = &job->next;
	queue->n++;
}

static struct job *queue_take(struct queue *queue)
{
	struct job *job = queue->first;

	if (!job)
		return NULL;
	queue->first = job->next;
	if (!queue->first)
		queue->last = &queue->first;
	queue->n--;
	return job;
}

/* One turn after the last of his that still waits, which begins now where none does. */
static uint64_t next_turn(const struct queue *queue, uint64_t bucket, uint64_t now)
{
	uint64_t turn = now;

	for (const struct job *job = queue->first; job; job = job->next)
		if (job->bucket == bucket)
			turn = job->turn + 1;
	return turn;
}

/* Behind all whose turn is not later. */
static void queue_put_in_turn(struct queue *queue, struct job *job, uint64_t now)
{
	struct job **place = &queue->first;

	job->turn = next_turn(queue, job->bucket, now);
	while (*place && (*place)->turn <= job->turn)
		place = &(*place)->next;
	job->next = *place;
	*place = job;
	if (!job->next)
		queue->last = &job->next;
	queue->n++;
}

static unsigned queue_count(const struct queue *queue, uint64_t bucket)
{
	unsigned n = 0;

	for (const struct job *job = queue->first; job; job = job->next)
		n += job->bucket == bucket;
	return n;
}

static struct job *take_next(struct workers *workers)
{
	struct job *job = queue_take(&workers->known);

	if (!job)
		job = queue_take(&workers->strangers);
	if (job && workers->turns)
		workers->turn = job->turn;
	return job;
}

static void *work(void *context)
{
	struct workers *workers = context;
	struct job *job;
	bool tell;

	pthread_mutex_lock(&workers->lock);
	while (!workers->stopping) {
		job = take_next(workers);
		if (!job) {
			pthread_cond_wait(&workers->wake, &workers->lock);
			continue;
		}
		pthread_mutex_unlock(&workers->lock);
		job->run(job);
		pthread_mutex_lock(&workers->lock);
		tell = !workers->done.n;
		queue_put(&workers->done, job);
		/* Not under the lock, which the event loop would wait for at once. */
		pthread_mutex_unlock(&workers->lock);
		if (tell)
			eventfd_write(workers->done_fd, 1);
		pthread_mutex_lock(&workers->lock);
	}
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

static void complete_all(struct workers *workers, struct queue *queue)
{
	struct job *job;

	pthread_mutex_lock(&workers->lock);
	while ((job = queue_take(queue))) {
		pthread_mutex_unlock(&workers->lock);
		job->complete(job);
		pthread_mutex_lock(&workers->lock);
	}
	pthread_mutex_unlock(&workers->lock);
}

static int on_done(sd_event_source *source, int fd, uint32_t events, void *context)
{
	eventfd_t count;

	(void)source;
	(void)events;
	eventfd_read(fd, &count);
	complete_all(context, &((struct workers *)context)->done);
	return 0;
}

/* Signals are the event loop's: no worker takes one. */
static int start_threads(struct workers *workers, unsigned threads)
{
	sigset_t all, before;
	int r = 0;

	workers->threads = calloc(threads, sizeof(*workers->threads));
	if (!workers->threads)
		return -ENOMEM;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (!r && workers->n_threads < threads) {
		r = -pthread_create(&workers->threads[workers->n_threads], NULL, work, workers);
		workers->n_threads += !r;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int workers_new(sd_event *loop, unsigned threads, unsigned places, struct workers **ret)
{
	struct workers *workers = calloc(1, sizeof(*workers));
	int r;

	if (!workers)
		return -ENOMEM;
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->wake, NULL);
	queue_init(&workers->known);
	queue_init(&workers->strangers);
	queue_init(&workers->done);
	workers->places = places;
	workers->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = workers->done_fd < 0 ? -errno : 0;
	if (r >= 0)
		r = sd_event_add_io(loop, &workers->done_source, workers->done_fd, EPOLLIN, on_done,
				    workers);
	if (r >= 0)
		r = start_threads(workers, threads);
	if (r < 0) {
		workers_free(workers);
		return r;
	}
	*ret = workers;
	return 0;
}

void workers_take_turns(struct workers *workers)
{
	workers->turns = true;
}

struct workers *workers_free(struct workers *workers)
{
	if (!workers)
		return NULL;
	pthread_mutex_lock(&workers->lock);
	workers->stopping = true;
	pthread_cond_broadcast(&workers->wake);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->n_threads; i++)
		pthread_join(workers->threads[i], NULL);
	complete_all(workers, &workers->done);
	complete_all(workers, &workers->known);
	complete_all(workers, &workers->strangers);
	sd_event_source_disable_unref(workers->done_source);
	closep(&workers->done_fd);
	pthread_cond_destroy(&workers->wake);
	pthread_mutex_destroy(&workers->lock);
	free(workers->threads);
	free(workers);
	return NULL;
}

/* A stranger may claim to be known (the claim is verified later, on a worker): the share holds for
 * both. */
static bool has_room(const struct workers *workers, const struct queue *queue,
		     const struct job *job)
{
	if (queue->n >= workers->places)
		return false;
	return workers->turns ||
	       queue_count(queue, job->bucket) < (workers->places + PEER_SHARE - 1) / PEER_SHARE;
}

int workers_push(struct workers *workers, struct job *job)
{
	struct queue *queue = job->known ? &workers->known : &workers->strangers;
	int r = -EBUSY;

	pthread_mutex_lock(&workers->lock);
	if (has_room(workers, queue, job)) {
		if (workers->turns)
			queue_put_in_turn(queue, job, workers->turn);
		else
			queue_put(queue, job);
		r = 0;
	}
	pthread_mutex_unlock(&workers->lock);
	if (!r)
		pthread_cond_signal(&workers->wake);
	return r;
}
